"""Exports: rows for spreadsheets, and users' documents."""
