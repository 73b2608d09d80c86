"""The only code that calls Firestore: transactions, documents, queries.

What may not enter: decisions. Nothing here knows what a limit is for.
"""
