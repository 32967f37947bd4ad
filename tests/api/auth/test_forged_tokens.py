"""No session comes from a token that is wrong in any way."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from flask import Response
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.api.auth.browsers import MasterWithLogin, error_of, through
from tests.api.auth.forging import altered, base64url, signing, unsigned, with_mac
from tests.api.auth.providers import ACCESS_TOKEN, CODE, LyingProvider
from tests.fakes.fleet_database import NOON, HandClock

NOW = int(NOON.timestamp())


def outcome(master: MasterWithLogin, liar: LyingProvider) -> str | None:
    """The error shown after a login at the liar; None where there is a session."""
    browser = master.browser()
    error = error_of(through(browser, liar))
    assert (browser.me() is None) == (error is not None)
    return error


def test_an_honest_token_is_believed(deceived: MasterWithLogin, liar: LyingProvider) -> None:
    assert outcome(deceived, liar) is None
    assert liar.forms[0]["code_verifier"]
    assert "/userinfo" not in liar.asked


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"iss": ["https://other.example"]},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"aud": []},
        {"aud": None},
        {"aud": {"qman": True}},
        {"aud": ["qman", "another-client"]},
        {"aud": ["qman", "another-client"], "azp": "another-client"},
        {"azp": "another-client"},
        {"azp": ["qman"]},
        {"exp": NOW - 61},
        {"exp": None},
        {"exp": str(NOW + 60)},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"iat": NOW + 120},
        {"iat": None},
        {"iat": "now"},
        {"nbf": NOW + 120},
        {"nonce": "of-another-login"},
        {"nonce": None},
        {"nonce": ""},
        {"sub": None},
        {"sub": ""},
        {"sub": 1},
        {"sub": ["s-1"]},
        {"sub": "s" * 256},
        {"sub": "s\u0000"},
        {"sub": "ſ-1"},
    ],
)
def test_wrong_claims_are_refused(deceived: MasterWithLogin, liar: LyingProvider, claims: dict[str, Any]) -> None:
    liar.claims = claims
    assert outcome(deceived, liar) == "login_invalid"


@pytest.mark.parametrize(
    "claims", [{"aud": ["qman"]}, {"aud": ["qman", "x"], "azp": "qman"}, {"exp": NOW - 30}, {"iat": NOW + 30}]
)
def test_unusual_but_right_claims_are_believed(
    deceived: MasterWithLogin, liar: LyingProvider, claims: dict[str, Any]
) -> None:
    liar.claims = claims
    assert outcome(deceived, liar) is None


def test_a_list_of_nonces_is_no_nonce(deceived: MasterWithLogin, liar: LyingProvider) -> None:
    liar.signed = lambda claims: jwt.encode(
        {"alg": "RS256", "kid": liar.key.kid}, claims | {"nonce": [claims["nonce"], "x"]}, liar.key
    )
    assert outcome(deceived, liar) == "login_invalid"


def test_the_algorithm_none_is_refused(deceived: MasterWithLogin, liar: LyingProvider) -> None:
    liar.signed = unsigned
    assert outcome(deceived, liar) == "login_invalid"


def test_a_mac_with_the_public_key_is_refused(deceived: MasterWithLogin, liar: LyingProvider) -> None:
    public = RSAKey.import_key(liar.key.as_dict(private=False)).as_pem(private=False)
    for secret in (public, public.strip()):
        liar.signed = lambda claims, secret=secret: with_mac(claims, secret, liar.key.kid)
        assert outcome(deceived, liar) == "login_invalid"


def test_a_mac_with_a_published_secret_is_refused(deceived: MasterWithLogin, liar: LyingProvider) -> None:
    secret = OctKey.generate_key(256, {"kid": "shared"})
    liar.published = [liar.key.as_dict(private=False), secret.as_dict(private=True)]
    liar.signed = lambda claims: jwt.encode({"alg": "HS256", "kid": "shared"}, claims, secret, algorithms=["HS256"])
    assert outcome(deceived, liar) == "login_invalid"


def test_a_stranger_s_key_under_the_right_id_is_refused(deceived: MasterWithLogin, liar: LyingProvider) -> None:
    stranger = RSAKey.generate_key(2048)
    liar.signed = lambda claims: jwt.encode({"alg": "RS256", "kid": liar.key.kid}, claims, stranger)
    assert outcome(deceived, liar) == "login_invalid"


def test_a_key_in_the_token_s_own_header_is_not_believed(deceived: MasterWithLogin, liar: LyingProvider) -> None:
    stranger = RSAKey.generate_key(2048, auto_kid=True)
    header = {"alg": "RS256", "kid": liar.key.kid, "jwk": stranger.as_dict(private=False)}
    liar.signed = lambda claims: jwt.encode(header, claims, stranger)
    assert outcome(deceived, liar) == "login_invalid"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "not a token",
        "a.b.c",
        "\ud800.x.y",
        f"{base64url({'alg': 'RS256', 'kid': 7})}.e30.AAAA",
        f"{base64url({'alg': 'RS256', 'kid': {}})}.e30.AAAA",
        f"{base64url({'alg': 'RS256', 'crit': ['x'], 'x': 1})}.e30.AAAA",
        f"{base64url({'alg': 5})}.e30.AAAA",
        f"{base64url([])}.e30.AAAA",
        f"{base64url({})}.e30.AAAA",
        7,
        None,
        ["a"],
    ],
)
def test_what_is_no_token_is_refused(deceived: MasterWithLogin, liar: LyingProvider, token: object) -> None:
    liar.signed = lambda claims: token
    assert outcome(deceived, liar) == "login_invalid"


def test_an_altered_token_is_refused(deceived: MasterWithLogin, liar: LyingProvider) -> None:
    header = {"alg": "RS256", "kid": liar.key.kid}
    liar.signed = lambda claims: altered(jwt.encode(header, claims, liar.key), sub="root", iss=liar.issuer)
    assert outcome(deceived, liar) == "login_invalid"


def test_a_token_nested_without_end_is_refused(deceived: MasterWithLogin, liar: LyingProvider) -> None:
    liar.signed = lambda claims: f"{base64url(b'[' * 50_000)}.e30.AAAA"
    assert outcome(deceived, liar) == "login_invalid"


def test_claims_that_are_no_object_are_refused(deceived: MasterWithLogin, liar: LyingProvider) -> None:
    for payload in (b"[]", b"null", b"\xff", b"", b"[" * 50_000):
        liar.signed = lambda claims, payload=payload: signing(payload, liar.key)
        assert outcome(deceived, liar) == "login_invalid"


def test_a_token_of_another_kind_of_key_is_refused(deceived: MasterWithLogin, liar: LyingProvider) -> None:
    stranger = ECKey.generate_key("P-256")
    liar.signed = lambda claims: jwt.encode({"alg": "ES256"}, claims, stranger)
    assert outcome(deceived, liar) == "login_invalid"


def test_without_a_key_id_only_a_single_key_can_be_meant(deceived: MasterWithLogin, liar: LyingProvider) -> None:
    liar.header = {"kid": None}
    assert outcome(deceived, liar) is None


def test_keys_of_kinds_that_nobody_knows_are_passed_over(deceived: MasterWithLogin, liar: LyingProvider) -> None:
    broken: list[dict[str, Any]] = [{"kty": "PQC"}, {}, {"kty": "EC", "crv": "P-999", "x": "", "y": ""}, {"kty": "RSA"}]
    liar.published = [*broken, liar.key.as_dict(private=False)]
    assert outcome(deceived, liar) is None


def test_a_new_key_is_fetched_when_a_token_names_it(
    deceived: MasterWithLogin, liar: LyingProvider, clock: HandClock
) -> None:
    assert outcome(deceived, liar) is None
    rotated = RSAKey.generate_key(2048, auto_kid=True)
    liar.key, liar.published = rotated, [rotated.as_dict(private=False)]
    clock.forward(11)
    assert outcome(deceived, liar) is None
    assert liar.asked["/jwks"] == 2


def test_unknown_key_ids_do_not_hammer_the_provider(
    deceived: MasterWithLogin, liar: LyingProvider, clock: HandClock
) -> None:
    liar.header = {"kid": "made-up"}
    for _ in range(5):
        assert outcome(deceived, liar) == "login_invalid"
    assert liar.asked["/jwks"] == 1
    clock.forward(11)
    assert outcome(deceived, liar) == "login_invalid"
    assert liar.asked["/jwks"] == 2


def test_a_key_that_was_withdrawn_is_forgotten(
    deceived: MasterWithLogin, liar: LyingProvider, clock: HandClock
) -> None:
    assert outcome(deceived, liar) is None
    liar.published = [RSAKey.generate_key(2048, auto_kid=True).as_dict(private=False)]
    clock.forward(15 * 60)
    assert outcome(deceived, liar) == "login_invalid"


def test_what_the_id_token_lacks_comes_from_userinfo(deceived: MasterWithLogin, liar: LyingProvider) -> None:
    liar.claims = {"groups": None, "email": None}
    liar.userinfo = {"sub": "s-1", "groups": ["admin"], "email": "a@example.org", "preferred_username": "root"}
    browser = deceived.browser()
    assert error_of(through(browser, liar)) is None
    assert (browser.me()["name"], browser.me()["is_admin"]) == ("alice", True)


@pytest.mark.parametrize("subject", ["s-2", None, "", ["s-1"]])
def test_userinfo_of_somebody_else_is_refused(deceived: MasterWithLogin, liar: LyingProvider, subject: object) -> None:
    liar.claims = {"groups": None}
    liar.userinfo = {"sub": subject, "groups": ["admin"]}
    assert outcome(deceived, liar) == "login_invalid"


@pytest.mark.parametrize("groups", [{"admin": True}, 7, "administrators", ["Admin"], [["admin"]], [None], None])
def test_only_the_admin_group_makes_an_admin(deceived: MasterWithLogin, liar: LyingProvider, groups: object) -> None:
    liar.userinfo = {"sub": "s-1"}
    liar.claims = {"groups": groups}
    browser = deceived.browser()
    assert error_of(through(browser, liar)) is None
    assert browser.me()["is_admin"] is False


def test_a_lost_admin_group_counts_from_the_next_login(deceived: MasterWithLogin, liar: LyingProvider) -> None:
    liar.claims = {"groups": ["admin"]}
    before, after = deceived.browser(), deceived.browser()
    through(before, liar)
    assert before.me()["is_admin"] is True
    liar.claims = {"groups": []}
    through(after, liar)
    assert after.me()["is_admin"] is False
    assert before.me()["is_admin"] is False


@pytest.mark.parametrize(
    ("claim", "shown"),
    [
        ("x" * 5000, "x" * 256),
        ("a\nb\u202e\x00c", "abc"),
        (" alice ", "alice"),
        ("\n", "a@example.org"),
        (7, "a@example.org"),
    ],
)
def test_claims_are_bounded_and_never_become_somebody_else_s_login_name(
    deceived: MasterWithLogin, liar: LyingProvider, claim: object, shown: str
) -> None:
    liar.claims = {"preferred_username": claim, "email": "a@example.org"}
    browser = deceived.browser()
    assert error_of(through(browser, liar)) is None
    assert browser.me()["name"] == shown
    with deceived.database.read() as connection:
        assert connection.exec_driver_sql("SELECT username, matched_name FROM person").one() == (None, None)


def test_a_lone_surrogate_in_a_claim_does_no_harm(deceived: MasterWithLogin, liar: LyingProvider) -> None:
    liar.signed = lambda claims: signing(
        json.dumps(claims | {"preferred_username": "ali\ud800ce", "email": "\udfff"}).encode(), liar.key
    )
    browser = deceived.browser()
    assert error_of(through(browser, liar)) is None
    assert browser.me()["name"] == "alice"


@pytest.mark.parametrize(
    "answer",
    [
        lambda: Response('{"error": "invalid_grant"}', 400, mimetype="application/json"),
        lambda: Response('{"error": {"a": ["b"]}}', 400, mimetype="application/json"),
        lambda: Response('{"error": "' + "x" * 9000 + '"}', 200, mimetype="application/json"),
    ],
)
def test_what_the_token_endpoint_refuses_is_a_refusal(
    deceived: MasterWithLogin, liar: LyingProvider, answer: Callable[[], Response]
) -> None:
    liar.answers["/token"] = answer()
    with structlog.testing.capture_logs() as logs:
        assert outcome(deceived, liar) == "login_refused"
    assert len(repr(logs)) < 500


def test_no_secret_of_a_failed_login_is_logged(deceived: MasterWithLogin, liar: LyingProvider) -> None:
    liar.claims = {"aud": "another-client", "groups": None}
    tokens: list[str] = []

    def signed(claims: dict[str, Any]) -> str:
        tokens.append(jwt.encode({"alg": "RS256", "kid": liar.key.kid}, claims, liar.key))
        return tokens[0]

    liar.signed = signed
    with structlog.testing.capture_logs() as logs:
        assert outcome(deceived, liar) == "login_invalid"
    assert [entry["event"] for entry in logs] == ["login_failed"]
    for secret in (CODE, ACCESS_TOKEN, tokens[0], liar.nonce, liar.forms[0]["code_verifier"]):
        assert secret not in repr(logs)


@pytest.mark.parametrize("access_token", ["\ud800", "é€", "a\r\nX: y", 7, None])
@pytest.mark.parametrize("told", ["x", "\ud800", 7, None])
def test_access_tokens_that_are_none_do_no_harm(
    deceived: MasterWithLogin, liar: LyingProvider, access_token: object, told: object
) -> None:
    """Neither with a hash in the id token, nor where userinfo has to be asked."""
    claims = {**liar.true_claims(), "at_hash": told, "groups": None}

    def answer(true: dict[str, Any]) -> str:
        return signing(json.dumps(claims | {"iss": true["iss"], "nonce": true["nonce"]}).encode(), liar.key)

    liar.signed, liar.access_token = answer, access_token
    assert outcome(deceived, liar) in {"login_invalid", "provider_unavailable"}
