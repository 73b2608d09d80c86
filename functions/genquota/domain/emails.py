"""Email addresses: the form in which they are stored and compared, and how documents may spell them."""


def normalize_email(email: str) -> str:
    """Return the one form in which Genquota stores and compares an address, as Firebase Auth does."""
    return email.strip().lower()


def normalize_stored_email(value: object) -> object:
    """Return what a document's `email` should be: an app may have written it as it was typed, or no text."""
    return normalize_email(value) if isinstance(value, str) else value


def email_spellings(email: str) -> tuple[str, ...]:
    """Return the spellings under which an address is looked up, each once.

    Genquota stores lower case, but apps may have written the field themselves: as it was typed, with
    the capital that phone keyboards put first, or all in capitals.
    """
    lower = normalize_email(email)
    return tuple(dict.fromkeys((lower, email.strip(), lower.capitalize(), lower.upper())))
