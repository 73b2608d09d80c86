"""The documents of billing, to and from Firestore."""
