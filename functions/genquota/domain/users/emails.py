"""Email addresses: their normal form, and the spellings that documents may have."""


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
