"""The history of a window's counter."""
