"""Export and deletion of a user's data, and what is kept of former users."""
