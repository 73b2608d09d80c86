"""The rules of billing, as pure functions on frozen data: standard library and domain only."""
