"""Made-up users for development: who they are, what they did for months, and how to be rid of them.

The history is made by the functions' own use-cases under a clock that moves, so that whatever Genquota
counts adds up.
"""
