"""Users' identity: email addresses, and earlier accounts of the same person."""
