"""What is masked in prompts that others see, and what is left as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genquota.domain.masking import mask_personal_data

DIGITS = st.text("0123456789", min_size=6, max_size=20)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("write ana.b+c@exam-ple.co.uk now", "write … now"),
        ("ana@home", "…"),
        ("\uff21\uff2e\uff21@example.com", "…"),
        ("ana\uff20example.com", "…"),
        ("ana (at) web.de", "…"),
        ("ana [at] web", "…"),
        ("call +49 (0)151 123-4567 please", "call … please"),
        ("555-1234567", "…"),
        ("555 12 34", "…"),
        ("٠١٥١٢٣٤٥٦٧", "…"),
        ("card 4111 1111 1111 1111 front", "card … front"),
        ("code 123456", "code …"),
        ("8442-12-34-56", "…"),
        ("0900-12-34-567", "…"),
        ("2345-1234", "…"),
        ("1234-2345-1234-2345", "…"),
        ("2027-03-15-1234", "…"),
        ("030\u2011123\u20114567", "…"),
        ("0151·123·4567", "…"),
        ("0151\u200b1234567", "…"),
        ("212 -- 555 -- 1234", "…"),
        ("see https://x.y/z?q=1 ok", "see … ok"),
        ("HTTP://X.Y", "…"),
        ("www.fox.example", "…"),
        ("go to example.com today", "go to … today"),
        ("t.me/foxes", "…"),
        ("host 10.0.2.2", "host …"),
        ("host 2001:db8:0:0::1", "host …"),
    ],
)
def test_what_tells_who_or_where_is_masked(typed: str, shown: str) -> None:
    assert mask_personal_data(typed) == shown


@pytest.mark.parametrize(
    "typed",
    [
        "a fox, 1920x1080 at 16:9",
        "seed 12345",
        "8k, 85mm f/1.8, ISO 100",
        "the year 2027-03-15",
        "a painting of 1914-1918",
        "a lamp @ night, @fox",
        "a sunset.Then a fox. e.g.nothing",
        "foo/bar, 3/4",
        "at 12:30:45",
        "ratios 16:9, 4:3, 21:9",
        "1, 2, 3, 4, 5, 6, 7 foxes",
        "ein Füchslein — 狐狸 🦊",
    ],
)
def test_ordinary_prompts_stay(typed: str) -> None:
    assert mask_personal_data(typed) == typed


@given(before=st.text("ab ", max_size=10), digits=DIGITS, after=st.text(" ab", max_size=10))
def test_no_run_of_six_digits_is_left(before: str, digits: str, after: str) -> None:
    assert digits not in mask_personal_data(before + digits + after)


@given(
    name=st.from_regex(r"[a-z0-9._+-]{1,30}", fullmatch=True),
    domain=st.from_regex(r"[a-z0-9-]{1,20}\.[a-z]{2,10}", fullmatch=True),
    around=st.sampled_from((" ", "\n", "(", ",", "<")),
)
def test_no_email_is_left(name: str, domain: str, around: str) -> None:
    masked = mask_personal_data(f"a{around}{name}@{domain}{around}b")
    assert "@" not in masked
    assert domain not in masked
