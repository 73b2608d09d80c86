"""Operators' changes of users and plans: one verb a file, each with a note, an audit entry and a dry run.

`change_user` is the frame that all changes of one user go through.
"""
