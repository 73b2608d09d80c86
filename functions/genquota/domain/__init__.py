"""The rules of quota, as pure functions on frozen data.

What may not enter: clocks, I/O, dictionaries of documents, and any import
outside the standard library. `now` is always an argument (aware, UTC).
"""
