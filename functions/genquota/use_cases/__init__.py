"""Use-cases, one verb a file: read all documents at once, decide in the domain, write in one commit.

What may not enter: wire formats and Firebase's function decorators (`triggers`), rules (`domain`),
Firestore calls (`store`).
"""
