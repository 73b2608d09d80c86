"""Answers and queries of the analytics."""
