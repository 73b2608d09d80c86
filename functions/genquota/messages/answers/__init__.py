"""Models of answers."""
