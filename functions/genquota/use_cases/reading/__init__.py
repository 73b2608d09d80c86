"""Reads for lists and records: authorize first, then plain reads. Nothing is written.

What may not enter: decisions about quota. Whoever needs one asks `check_limit` or `get_usage`.
"""
