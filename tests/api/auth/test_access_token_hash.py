"""An id token that names the hash of another access token is found out."""

import base64
import hashlib

import pytest

from tests.api.auth.browsers import MasterWithLogin, error_of, through
from tests.api.auth.providers import ACCESS_TOKEN, LyingProvider


def half_hash(access_token: str) -> str:
    digest = hashlib.sha256(access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def test_the_hash_of_the_access_token_is_accepted(deceived: MasterWithLogin, liar: LyingProvider) -> None:
    liar.claims = {"at_hash": half_hash(ACCESS_TOKEN)}
    browser = deceived.browser()
    assert error_of(through(browser, liar)) is None
    assert browser.me()["name"] == "alice"


@pytest.mark.parametrize("told", [half_hash("another"), half_hash(ACCESS_TOKEN) + "=", "", "é", 7, ["x"]])
def test_the_hash_of_another_access_token_is_refused(
    deceived: MasterWithLogin, liar: LyingProvider, told: object
) -> None:
    liar.claims = {"at_hash": told}
    browser = deceived.browser()
    assert error_of(through(browser, liar)) == "login_invalid"
    assert browser.me() is None
