"""Signing of requests to a slave, and of events to the master.

The signature base of RFC 9421 is put together here, for the few components that ours covers: the library that verifies
takes thirty times as long for it, and a master signs a thousand requests a minute. A test holds both to be the same.
"""

import hashlib
import hmac
import secrets
from base64 import b64encode
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.quota.clock import Clock, utc_now
from app.settings.keys import SigningKey

if TYPE_CHECKING:  # a slave verifies and never sends: it need not load requests
    from requests import PreparedRequest

LABEL = "qman"


def signature_headers(
    method: str, url: str, body: bytes, key: SigningKey, created_at: datetime, nonce: str | None = None
) -> dict[str, str]:
    """`Signature-Input`, `Signature` and, where there is a body, `Content-Digest` of a request.

    Covered are method, path and query, with the body's digest. The key belongs to one host, so neither scheme nor
    authority is needed: a proxy in front may change both. `url` is as it stands on the wire, ASCII; `nonce` None makes
    a random one. ValueError: a URL that could not be sent.
    """
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("a URL without blanks, control characters and letters beyond ASCII can be signed")
    parts = urlsplit(url)
    headers = {}
    components, values = ['"@method"', '"@path"', '"@query"'], [method, parts.path or "/", f"?{parts.query}"]
    if body:
        headers["Content-Digest"] = f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"
        components.append('"content-digest"')
        values.append(headers["Content-Digest"])
    parameters = (
        f"({' '.join(components)});created={int(created_at.timestamp())};keyid={_quoted(key.id)}"
        f';alg="hmac-sha256";nonce={_quoted(nonce or secrets.token_urlsafe(18))}'
    )
    lines = [f"{name}: {value}" for name, value in zip(components, values, strict=True)]
    base = "\n".join([*lines, f'"@signature-params": {parameters}'])
    signature = hmac.digest(key.secret.get_secret_value().encode(), base.encode(), "sha256")
    headers["Signature-Input"] = f"{LABEL}={parameters}"
    headers["Signature"] = f"{LABEL}=:{b64encode(signature).decode()}:"
    return headers


def sign_request(request: "PreparedRequest", key: SigningKey, created_at: datetime, nonce: str | None = None) -> None:
    """Adds what `signature_headers` gives to the request. Signing again replaces what was there.

    The body must be final, and text or bytes.
    """
    request.headers.pop("Content-Digest", None)
    body = _body_of(request)
    request.headers.update(signature_headers(request.method or "", request.url or "", body, key, created_at, nonce))


def _quoted(text: str) -> str:
    """A string of structured fields (RFC 9651)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


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
