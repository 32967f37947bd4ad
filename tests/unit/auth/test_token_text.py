"""What an API token looks like."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth.scopes import SCOPES, needed_scopes, opened_scopes
from app.auth.token_text import CHECKSUM_LENGTH, MARK, checksum, is_well_formed, new_token, token_in


def test_a_token_is_recognised_by_its_first_letters_and_its_checksum() -> None:
    token = new_token()
    assert re.fullmatch(r"qman_[0-9A-Za-z]{46}", token)
    assert is_well_formed(token)


def test_the_checksum_is_a_plain_crc_32_in_base_62() -> None:
    """Fixed for ever: scanners for secrets, and tokens that people have, go by it."""
    assert checksum("0" * 40) == "2kaqcA"


def test_no_two_tokens_are_alike() -> None:
    assert len({new_token() for _ in range(1000)}) == 1000


@given(st.integers(min_value=len(MARK), max_value=len(MARK) + 45), st.sampled_from("0aZ9bQ-é"))
def test_one_wrong_letter_is_found(place: int, letter: str) -> None:
    token = new_token()
    wrong = token[:place] + letter + token[place + 1 :]
    assert is_well_formed(wrong) is (wrong == token)


@given(st.text())
def test_no_other_text_is_a_token(text: str) -> None:
    assert not is_well_formed(text)
    assert not is_well_formed(MARK + text) or len(text) == 40 + CHECKSUM_LENGTH


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Bearer qman_x", "qman_x"),
        ("bearer  qman_x ", "qman_x"),
        ("Bearer eyJhbGciOi", None),
        ("Basic qman_x", None),
        ("qman_x", None),
        ("", None),
        ("Bearer", None),
    ],
)
def test_a_token_of_ours_in_a_header(header: str, expected: str | None) -> None:
    assert token_in(header) == expected


@pytest.mark.parametrize("access", ["user", "admin"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH"])
def test_what_scopes_open(access: str, method: str) -> None:
    by_method = "read" if method in {"GET", "HEAD"} else "write"
    needed = needed_scopes(access, method)
    assert needed == ({by_method, "admin"} if access == "admin" else {by_method})


def test_write_reads_too_and_admin_alone_is_all() -> None:
    assert opened_scopes(["read"]) == {"read"}
    assert opened_scopes(["write"]) == {"read", "write"}
    assert opened_scopes(["admin"]) == set(SCOPES)
    assert opened_scopes(["read", "admin"]) == {"read", "admin"}
    assert opened_scopes(["write", "admin"]) == set(SCOPES)
    assert opened_scopes([]) == set()
