"""What callers may send: models, query strings, and the values they are made of."""
