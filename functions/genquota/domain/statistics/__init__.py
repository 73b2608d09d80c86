"""Statistics of days and ranges of days, and who may see which of them."""
