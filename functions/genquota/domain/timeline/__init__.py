"""How a window's counter came to what it shows."""
