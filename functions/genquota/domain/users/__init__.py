"""Users as persons: their email addresses, and accounts that they had before."""
