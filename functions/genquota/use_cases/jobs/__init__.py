"""Jobs, run by schedule, by an operator or from the command line: one job a file, all in one table.

Each goes page by page, stops before its time is up and goes on next time, and may run late, twice,
together, or be cut off at any point.
"""
