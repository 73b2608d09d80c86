"""What operators send and are answered."""
