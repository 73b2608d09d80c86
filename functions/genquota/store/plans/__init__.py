"""`plans/{planId}`: documents, their cache, and who is on a plan."""
