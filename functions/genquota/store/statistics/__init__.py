"""Daily statistics: documents, changes to count, and the job's position."""
