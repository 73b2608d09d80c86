"""The queries and checkpoints of scheduled jobs."""
