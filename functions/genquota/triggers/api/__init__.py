"""The HTTP API: one function, one table of routes, and a document that describes it.

A handler understands nothing and decides nothing: it is given a checked request, calls one use-case and
says what to answer. Who may make a call is decided in use-cases; the table repeats it for the reader,
and tests compare.
"""
