"""How an email address is stored and looked up."""

from __future__ import annotations

import pytest

from genquota.domain.texts import email_spellings, normalize_email, normalize_stored_email


@pytest.mark.parametrize("same", ["ada@example.com", " Ada@Example.COM\n", "ADA@EXAMPLE.COM"])
def test_an_address_is_stored_in_one_form(same: str) -> None:
    assert normalize_email(same) == "ada@example.com"


def test_an_address_is_looked_up_as_typed_in_lower_case_and_as_keyboards_and_people_write_it() -> (
    None
):
    assert email_spellings(" aDa@Example.com ") == (
        "ada@example.com",
        "aDa@Example.com",
        "ada@Example.com",
        "Ada@example.com",
        "Ada@Example.com",
        "ADA@EXAMPLE.COM",
    )
    assert email_spellings("ada.king@example.com") == (
        "ada.king@example.com",
        "ada.king@Example.com",
        "Ada.king@example.com",
        "Ada.king@Example.com",
        "Ada.King@example.com",
        "Ada.King@Example.com",
        "ADA.KING@EXAMPLE.COM",
    )


@pytest.mark.parametrize("value", [None, 7, ["a"], {"b": 1}])
def test_what_an_app_wrote_that_is_no_text_stays(value: object) -> None:
    assert normalize_stored_email(value) == value
