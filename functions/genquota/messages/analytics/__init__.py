"""The analytics on the wire."""
