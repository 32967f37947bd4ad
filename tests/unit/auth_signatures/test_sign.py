"""What we sign by hand is what the library of RFC 9421 signs, to the byte."""

import string
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.auth.signatures import sign_request
from app.settings.keys import SigningKey
from tests.unit.auth_signatures.signing import KEY, NOW, OURS, Way, request, sign

KEY_IDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)
NONCES = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=24)
TARGETS = st.from_regex(r"(/[a-zA-Z0-9%._~:@!$&'()*+,;=-]*)*(\?[a-zA-Z0-9%._~:@!$&'()*+,;=/?-]*)?", fullmatch=True)
SECRETS = st.text(min_size=32, max_size=60)


@settings(deadline=None)
@given(
    st.sampled_from(["GET", "PUT", "POST", "DELETE"]),
    TARGETS,
    st.sampled_from([b"", b"{}", b'{"block_hard_limit": 1000}']) | st.binary(max_size=40),
    st.builds(lambda key_id, secret: SigningKey.model_validate({"id": key_id, "secret": secret}), KEY_IDS, SECRETS),
    NONCES,
    st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
def test_it_is_what_the_library_makes(
    method: str, target: str, body: bytes, key: SigningKey, nonce: str, at: datetime
) -> None:
    url = f"http://slave.test:8437{target}"
    ours = request(method, url, body or None)
    sign_request(ours, key, at, nonce)
    covered = OURS if body else OURS[:3]
    theirs = sign(Way(covered, key, at, nonce=nonce, label="qman", method=method, url=url, body=body or None))
    assert dict(ours.headers) == dict(theirs.headers)


def test_each_signature_has_a_nonce_of_its_own() -> None:
    prepared = request()
    sign_request(prepared, KEY, NOW)
    first = dict(prepared.headers)
    sign_request(prepared, KEY, NOW)
    assert prepared.headers["Signature-Input"] != first["Signature-Input"]
    assert prepared.headers["Content-Digest"] == first["Content-Digest"]


@pytest.mark.parametrize("url", ["http://h/a b", "http://h/a\nb", "http://h/ä", "http://h/a\tb"])
def test_what_could_not_be_sent_is_not_signed(url: str) -> None:
    prepared = request()
    prepared.url = url
    with pytest.raises(ValueError, match="signed"):
        sign_request(prepared, KEY, NOW)
