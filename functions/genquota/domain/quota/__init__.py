"""What a user may use and has used: windows, limits, holds, grants, and the decision."""
