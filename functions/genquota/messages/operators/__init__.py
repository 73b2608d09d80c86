"""Requests of operators and their answers."""
