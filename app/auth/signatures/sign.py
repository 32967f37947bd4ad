"""Signing of requests to a slave, and of events to the master."""

import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from http_message_signatures import HTTPMessageSigner, MappingKeyResolver
from http_message_signatures.algorithms import HMAC_SHA256

from app.quota.clock import Clock, utc_now
from app.settings.keys import SigningKey

if TYPE_CHECKING:  # a slave verifies and never sends: it need not load requests
    from requests import PreparedRequest

COVERED = ("@method", "@path", "@query")
"""What a signature of ours covers, with `content-digest` where there is a body.

The key belongs to one host, so neither scheme nor authority is needed: a proxy in front may change both.
"""
LABEL = "qman"


def sign_request(request: "PreparedRequest", key: SigningKey, created_at: datetime, nonce: str | None = None) -> None:
    """Adds `Signature-Input`, `Signature` and, where there is a body, `Content-Digest` to the request.

    The body must be final, and text or bytes. `nonce` None makes a random one. Signing again replaces what was there.
    """
    secret = key.secret.get_secret_value().encode()
    signer = HTTPMessageSigner(
        signature_algorithm=HMAC_SHA256,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={key.id: secret}),
    )
    request.headers.pop("Content-Digest", None)
    signer.sign(
        request,
        key_id=key.id,
        created=created_at,
        nonce=nonce or secrets.token_urlsafe(18),
        label=LABEL,
        covered_component_ids=COVERED,
        body=_body_of(request) or None,
    )


def _body_of(request: "PreparedRequest") -> bytes:
    body = request.body or b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes):
        return body
    message = f"a body of text or bytes can be signed, not {type(body).__name__}"
    raise TypeError(message)


class SlaveAuth:
    """Signs each request of a `requests` session with the key: `session.get(url, auth=SlaveAuth(key))`."""

    def __init__(self, key: SigningKey, clock: Clock = utc_now) -> None:
        self._key = key
        self._clock = clock

    def __call__(self, request: "PreparedRequest") -> "PreparedRequest":
        sign_request(request, self._key, self._clock())
        return request
