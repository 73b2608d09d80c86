"""Models of requests, query parameters, and the values in them."""
