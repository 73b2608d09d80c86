"""The only code that speaks Firestore: transactions, documents, queries.

What may not enter: decisions. Nothing here knows what a limit is for.
"""
