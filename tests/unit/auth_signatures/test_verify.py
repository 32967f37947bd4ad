"""Which signatures are accepted, and by which rule the others are refused."""

from datetime import timedelta
from typing import Any

import pytest
from http_message_signatures.digests import ContentDigest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from app.auth.signatures import SignatureInvalidError
from tests.unit.auth_signatures.signing import (
    BODY,
    KEY,
    NOW,
    OTHER_HOSTS_KEY,
    OURS,
    UNKNOWN_KEY,
    URL,
    NoncesInMemory,
    Way,
    message,
    sign,
    signed,
    verifier,
)

SECRET = KEY.secret.get_secret_value()
SECONDS = timedelta(seconds=1)
IN_ANY_TIME = settings(deadline=None)
"""A busy machine is no failure."""


class Sha512(ContentDigest):
    algorithm = "sha-512"


def refusal(prepared: Any, **changes: object) -> str:
    with pytest.raises(SignatureInvalidError) as refused:
        verifier().verify(message(prepared, **changes))
    assert SECRET not in refused.value.detail
    return refused.value.rule


def is_accepted(prepared: Any, **changes: object) -> bool:
    return verifier().verify(message(prepared, **changes)).id == KEY.id


@pytest.mark.parametrize("body", [BODY, None, b"", b"{}"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_we_sign_is_accepted(method: str, body: bytes | None) -> None:
    assert is_accepted(signed(method=method, body=body))


@pytest.mark.parametrize(
    "way",
    [
        Way(covered=("@target-uri", "@method", "content-digest"), label="whatever"),
        Way(include_alg=False),
        Way(expires=NOW + SECONDS),
        Way(created=NOW - 60 * SECONDS),
        Way(created=NOW + 60 * SECONDS),
        Way(covered=(*OURS, "@authority", "@scheme", "x-more"), headers={"X-More": "a, b"}),
        Way(method="GET", body=None, covered=("@method", "@path", "@query")),
        Way(method="GET", body=None, covered=OURS),
        Way(url="http://slave.test:8437/remote-api/quotas?"),
        Way(url="http://slave.test:8437/remote-api/%7euser//./x?a=%2f&b"),
        Way(headers={"Content-Digest": Sha512.create(BODY)}),
        Way(headers={"Content-Digest": f"{Sha512.create(BODY)}, {ContentDigest.create(BODY)}"}),
    ],
)
def test_other_ways_to_sign_that_are_accepted(way: Way) -> None:
    assert is_accepted(sign(way))


@pytest.mark.parametrize(
    ("way", "rule"),
    [
        (Way(key=UNKNOWN_KEY), "unknown_key"),
        (Way(key=OTHER_HOSTS_KEY), "mismatch"),
        (Way(created=NOW - 61 * SECONDS), "too_old"),
        (Way(created=NOW + 61 * SECONDS), "in_future"),
        (Way(expires=NOW), "expired"),
        (Way(nonce=None), "no_nonce"),
        (Way(nonce=""), "no_nonce"),
        (Way(nonce="n" * 257), "no_nonce"),
        (Way(covered=("@path", "@query", "content-digest")), "method_not_covered"),
        (Way(covered=("@method", "content-digest")), "target_not_covered"),
        (Way(covered=("@method", "@path", "content-digest")), "target_not_covered"),
        (Way(covered=("@method", "@query", "content-digest")), "target_not_covered"),
        (Way(covered=("@method", "@request-target", "content-digest")), "target_not_covered"),
        (Way(covered=("@method", "@path", "@query")), "body_not_covered"),
        (Way(headers={"Content-Digest": ContentDigest.create(b"{}")}), "digest_mismatch"),
        (
            Way(headers={"Content-Digest": f"{ContentDigest.create(BODY)}, {Sha512.create(b'')}"}),
            "digest_mismatch",
        ),
    ],
)
def test_ways_to_sign_that_are_refused(way: Way, rule: str) -> None:
    assert refusal(sign(way)) == rule


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"method": "POST"}, "mismatch"),
        ({"url": URL.replace("1000", "1001")}, "mismatch"),
        ({"url": URL.replace("sda1", "sdb1")}, "mismatch"),
        ({"url": URL + "&device=x"}, "mismatch"),
        ({"url": URL.replace("%2F", "/")}, "mismatch"),
        ({"url": URL.replace("/remote-api", "/a/../remote-api")}, "mismatch"),
        ({"url": URL + " "}, "mismatch"),
        ({"body": BODY.replace(b"1000", b"1001")}, "digest_mismatch"),
        ({"body": b""}, "digest_mismatch"),
    ],
)
def test_altered_requests_are_refused(changes: dict[str, object], rule: str) -> None:
    assert refusal(signed(), **changes) == rule


def test_an_altered_digest_is_refused() -> None:
    prepared = signed()
    prepared.headers["Content-Digest"] = ContentDigest.create(b"{}")
    assert refusal(prepared, body=b"{}") == "mismatch"


def test_a_body_put_into_a_request_that_had_none_is_refused() -> None:
    assert refusal(signed(method="GET", body=None), body=BODY) == "body_not_covered"


@pytest.mark.parametrize(
    ("found", "replacement", "rule"),
    [
        ('"hmac-sha256"', '"rsa-pss-sha512"', "algorithm"),
        ('"hmac-sha256"', "hmac-sha256", "mismatch"),
        (";created=1795262400", "", "no_created"),
        ("created=1795262400", 'created="1795262400"', "no_created"),
        ("created=1795262400", "created=1795262401", "mismatch"),
        ('keyid="w1"', "keyid=w1", "no_keyid"),
        ('keyid="w1"', 'keyid=""', "no_keyid"),
        ('"@method" ', "", "method_not_covered"),
        ('"@query"', '"@query" "@query"', "mismatch"),
        ("sig1=", "sig2=", "no_signature"),
        ("sig1=(", "sig1=((", "malformed"),
        ("sig1=(", "sig1", "malformed"),
        ('"@path"', '"@path";req', "target_not_covered"),
        ('nonce="n-1"', 'nonce="n-2"', "mismatch"),
        ('nonce="n-1"', 'nonce="n-1";more=1', "mismatch"),
        ("sig1=", "sig1=1, sig1=", "malformed"),
        ("sig1=", "sig1=" + "x" * 5000 + ", sig1=", "malformed"),
    ],
)
def test_altered_parameters_are_refused(found: str, replacement: str, rule: str) -> None:
    prepared = sign(Way())
    before = prepared.headers["Signature-Input"]
    prepared.headers["Signature-Input"] = before.replace(found, replacement)
    assert prepared.headers["Signature-Input"] != before
    assert refusal(prepared) == rule


@pytest.mark.parametrize("name", ["Signature", "Signature-Input"])
@pytest.mark.parametrize(
    "value", [None, "", "é", "sig1", "sig1=:AAAA:", "sig1=()", "\x00", "sig1=:" + "A" * 9000 + ":"]
)
def test_a_header_field_that_is_missing_or_garbage(name: str, value: str | None) -> None:
    prepared = sign(Way())
    if value is None:
        del prepared.headers[name]
    headers = {key.lower(): text for key, text in prepared.headers.items()}
    if value is not None:
        headers[name.lower()] = value
    assert refusal(prepared, headers=headers) in {"no_signature", "malformed", "mismatch", "no_created"}


def test_a_signature_is_accepted_once() -> None:
    nonces, prepared = NoncesInMemory(), signed()
    verifier(nonces).verify(message(prepared))
    with pytest.raises(SignatureInvalidError) as refused:
        verifier(nonces).verify(message(prepared))
    assert refused.value.rule == "replayed"


def test_a_forged_signature_uses_up_no_nonce_and_locks_no_key_out() -> None:
    nonces = NoncesInMemory()
    for _ in range(100):
        with pytest.raises(SignatureInvalidError):
            verifier(nonces).verify(message(sign(Way(key=OTHER_HOSTS_KEY))))
    assert nonces.seen == set()
    assert verifier(nonces).verify(message(sign(Way()))).id == KEY.id


def test_one_right_signature_among_others_is_enough() -> None:
    prepared = sign(Way(key=UNKNOWN_KEY, label="proxy"))
    assert is_accepted(sign(Way(append=True), prepared))
    prepared = sign(Way(label="proxy", nonce=None))
    assert is_accepted(sign(Way(append=True), prepared))


def test_no_more_than_four_signatures_are_looked_at() -> None:
    prepared = sign(Way())
    for number in range(4):
        sign(Way(label=f"more{number}", append=True), prepared)
    assert refusal(prepared) == "malformed"


def test_a_proxy_may_end_tls() -> None:
    way = Way(covered=("@method", "@target-uri", "content-digest"), url=URL.replace("http:", "https:"))
    assert is_accepted(sign(way), url=URL)


def test_a_refusal_is_logged_with_key_and_rule_and_without_secrets() -> None:
    with capture_logs() as logs:
        assert refusal(sign(Way(key=OTHER_HOSTS_KEY))) == "mismatch"
    assert [(entry["event"], entry["key_id"], entry["rule"]) for entry in logs] == [
        ("signature_refused", "w1", "mismatch")
    ]
    assert "secret" not in str(logs)


@IN_ANY_TIME
@given(st.binary(min_size=1, max_size=200), st.integers(min_value=0), st.integers(1, 255))
def test_no_changed_byte_of_a_body_passes(body: bytes, position: int, change: int) -> None:
    place = position % len(body)
    altered = body[:place] + bytes([body[place] ^ change]) + body[place + 1 :]
    assert refusal(signed(body=body), body=altered) == "digest_mismatch"


@IN_ANY_TIME
@given(st.sampled_from(["signature", "signature-input", "content-digest"]), st.integers(min_value=0), st.characters())
def test_no_changed_character_of_a_header_field_passes(name: str, position: int, character: str) -> None:
    prepared = signed()
    headers = {key.lower(): value for key, value in prepared.headers.items()}
    place = position % len(headers[name])
    altered = headers[name][:place] + character + headers[name][place + 1 :]
    try:
        verifier().verify(message(prepared, headers={**headers, name: altered}))
    except SignatureInvalidError:
        return
    assert means_the_same(name, headers[name], altered)


def means_the_same(name: str, before: str, after: str) -> bool:
    """Base64 has spare bits in its last character; spaces between members and upper case of none mean nothing."""
    if name == "signature":
        return before[:-3] == after[:-3] or before == after
    return before == after or before.replace(" ", "") == after.replace(" ", "")


@IN_ANY_TIME
@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_stands_in_the_header_fields_it_is_a_refusal(signature_input: str, signature: str) -> None:
    headers = {"signature-input": signature_input, "signature": signature}
    assert refusal(signed(), headers=headers)
