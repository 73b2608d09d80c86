"""Rules of texts: names of documents, what Firestore can hold, and email addresses.

An address has one normal form, but several spellings in documents that apps wrote.
"""

MAX_NAME_BYTES = 1500
"""Of a document, by Firestore's rules."""
MAX_UID_CHARS = 128
"""Firebase Auth's bound."""


def is_document_name(text: str) -> bool:
    """Return whether Firestore takes the text as a document's name."""
    is_reserved = text in (".", "..") or (text.startswith("__") and text.endswith("__"))
    if not text or is_reserved or "/" in text or not is_storable(text):
        return False
    return len(text.encode()) <= MAX_NAME_BYTES


def is_storable(text: str) -> bool:
    """Return whether Firestore can hold the text: not if it has half a character (a lone surrogate)."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def normalize_email(email: str) -> str:
    """Return the one form in which Genquota stores and compares an address, as Firebase Auth does."""
    return email.strip().lower()


def normalize_stored_email(value: object) -> object:
    """Return what a document's `email` should be: an app may have written it as it was typed, or no text."""
    return normalize_email(value) if isinstance(value, str) else value


def email_spellings(email: str) -> tuple[str, ...]:
    """Return the spellings under which an address is looked up, each once.

    Genquota stores lower case, but apps may have written the field themselves: as it was typed, with
    capitals that begin the address, its words or its domain, or all in capitals.
    """
    lower = normalize_email(email)
    name, at, domain = lower.rpartition("@")
    words = ".".join(word.capitalize() for word in name.split("."))
    capitals = [
        f"{start}{at}{end}"
        for start in (name, name.capitalize(), words)
        for end in (domain, domain.capitalize())
    ]
    return tuple(dict.fromkeys((lower, email.strip(), *capitals, lower.upper())))
