"""The names of modules and public classes are made of the glossary's words and of common ones."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from genquota.domain.enums import PAYMENT_PROVIDERS
from tests.unit.common_words import COMMON
from tests.unit.test_house import PACKAGE, ROOT, name_of, sources, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PROVIDERS = {provider.value for provider in PAYMENT_PROVIDERS}
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_PRIVATE = {
    *("deed", "told", "news", "door", "wall", "stranger", "witness", "belonging", "lane", "wish"),
    *("stretch", "gift", "dossier", "holder", "hear", "stand", "kept", "book", "house", "matter"),
}
"""Words that the code used once, and that only its authors understood."""


def words_of(name: str) -> list[str]:
    return [singular(word.lower()) for word in _WORD.findall(name)]


def singular(word: str) -> str:
    """Return one form for a word and its plural, good enough to compare by."""
    if word.endswith(("ss", "us", "ics")):
        return word
    for ending, one in (("ies", "y"), ("iases", "ias"), ("s", "")):
        if word.endswith(ending):
            return word.removesuffix(ending) + one
    return word


def glossary() -> set[str]:
    """Return the words that the glossary explains."""
    rows = re.findall(r"^\| ([^|]+?) \|", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)
    return {word for row in rows for word in words_of(row)}


def names() -> Iterator[str]:
    """Yield the names of packages, modules and public classes."""
    for path in sources(PACKAGE):
        yield from (part.removesuffix(".py") for part in name_of(path).split("/"))
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield node.name


def test_names_are_made_of_known_words() -> None:
    known = glossary() | COMMON | PROVIDERS
    unknown = {
        (name, word)
        for name in names()
        if name != "__init__"
        for word in words_of(name)
        if word not in known
    }
    assert unknown == set()


def test_every_common_word_is_used() -> None:
    used = {word for name in names() for word in words_of(name)}
    assert COMMON - used == set()


def test_a_common_word_is_not_explained_twice() -> None:
    assert COMMON & glossary() == set()


def test_private_words_do_not_come_back() -> None:
    for name in names():
        assert not _PRIVATE & set(words_of(name)), name
