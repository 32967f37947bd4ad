"""A verifier, requests signed as ours are, and requests signed in any other way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from http_message_signatures import HTTPMessageSigner, MappingKeyResolver
from http_message_signatures.algorithms import HMAC_SHA256
from http_message_signatures.digests import ContentDigest
from requests import PreparedRequest, Request

from app.auth.signatures import AcceptedKey, SignatureVerifier, SignedMessage, sign_request
from app.settings.keys import SigningKey

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KEY = SigningKey.model_validate({"id": "w1", "secret": "the-secret-of-this-host-0123456789abcdef"})
OTHER_HOSTS_KEY = SigningKey.model_validate({"id": "w1", "secret": "the-secret-of-another-host-0123456789ab"})
UNKNOWN_KEY = SigningKey.model_validate({"id": "x9", "secret": KEY.secret.get_secret_value()})
URL = "http://slave.test:8437/remote-api/quotas/users/1000?device=%2Fdev%2Fsda1"
BODY = b'{"block_hard_limit": 1000}'
OURS = ("@method", "@path", "@query", "content-digest")


class NoncesInMemory:
    """Nonces of one process, never purged."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, str]] = set()

    def claim(self, key_id: str, nonce: str, *, now: datetime, expires_at: datetime) -> bool:
        assert expires_at > now
        is_new = (key_id, nonce) not in self.seen
        self.seen.add((key_id, nonce))
        return is_new


def verifier(nonces: NoncesInMemory | None = None) -> SignatureVerifier:
    key = AcceptedKey(KEY.id, KEY.secret.get_secret_value().encode(), "write")
    return SignatureVerifier([key], nonces or NoncesInMemory(), lambda: NOW)


def request(method: str = "PUT", url: str = URL, body: bytes | None = BODY) -> PreparedRequest:
    return Request(method, url, data=body).prepare()


def signed(
    key: SigningKey = KEY, *, method: str = "PUT", url: str = URL, body: bytes | None = BODY, at: datetime = NOW
) -> PreparedRequest:
    """As `SlaveAuth` signs."""
    prepared = request(method, url, body)
    sign_request(prepared, key, at)
    return prepared


@dataclass(frozen=True)
class Way:
    """Another way to sign: what to cover, and with which parameters."""

    covered: Sequence[str] = OURS
    key: SigningKey = KEY
    created: datetime = NOW
    expires: datetime | None = None
    nonce: str | None = "n-1"
    label: str = "sig1"
    include_alg: bool = True
    append: bool = False
    method: str = "PUT"
    url: str = URL
    body: bytes | None = BODY
    headers: Mapping[str, str] = field(default_factory=dict)


def sign(way: Way, prepared: PreparedRequest | None = None) -> PreparedRequest:
    """The request signed in that way, with the body's digest where that is covered and none is given."""
    prepared = prepared or request(way.method, way.url, way.body)
    prepared.headers.update(way.headers)
    resolver = MappingKeyResolver(public_keys={}, private_keys={way.key.id: way.key.secret.get_secret_value().encode()})
    signer = HTTPMessageSigner(signature_algorithm=HMAC_SHA256, key_resolver=resolver)
    covers_body = "content-digest" in way.covered
    if covers_body:
        prepared.headers.setdefault("Content-Digest", ContentDigest.create(way.body or b""))
    signer.sign(
        prepared,
        key_id=way.key.id,
        created=way.created,
        expires=way.expires,
        nonce=way.nonce,
        label=way.label,
        include_alg=way.include_alg,
        covered_component_ids=way.covered,
        append_if_signature_exists=way.append,
        use_existing_digest=covers_body,
    )
    return prepared


def message(prepared: PreparedRequest, **changes: object) -> SignedMessage:
    """The request as the receiver sees it, after somebody changed these members."""
    body = prepared.body or b""
    values = {
        "method": prepared.method,
        "url": prepared.url,
        "headers": {name.lower(): value for name, value in prepared.headers.items()},
        "body": body.encode() if isinstance(body, str) else body,
        **changes,
    }
    return SignedMessage(**values)  # type: ignore[arg-type] # members of many types by name
