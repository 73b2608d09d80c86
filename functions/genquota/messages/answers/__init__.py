"""What callers are answered."""
