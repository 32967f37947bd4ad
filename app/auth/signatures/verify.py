"""Verifying: which accepted key signed this request, or which rule it broke."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from http_message_signatures import (
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    MappingKeyResolver,
    VerifyResult,
)
from http_message_signatures.algorithms import HMAC_SHA256
from http_message_signatures.digests import ContentDigest

from app.auth.signatures.candidates import Candidate, Signature, signatures_of
from app.auth.signatures.errors import SignatureInvalidError
from app.auth.signatures.message import SignedMessage
from app.auth.signatures.nonces import Nonces
from app.quota.clock import Clock
from app.settings.keys import SigningKey

log = structlog.get_logger(__name__)

WINDOW = timedelta(seconds=60)
"""How far `created` may be from now, either way."""
KEPT = timedelta(seconds=150)
"""How long a nonce is kept: longer than its signature can be accepted."""


@dataclass(frozen=True, slots=True)
class AcceptedKey:
    """A key whose signatures are accepted, and what it may do. The key is the secret's UTF-8 bytes."""

    id: str
    secret: bytes = field(repr=False)
    scope: str

    @classmethod
    def of(cls, key: SigningKey, scope: str) -> "AcceptedKey":
        """The key that the other side signs with."""
        return cls(key.id, key.secret.get_secret_value().encode(), scope)


class SignatureVerifier:
    """Accepts a request with one right signature of an accepted key, and each such signature once.

    A wrong signature has no consequence for the key that it names.
    """

    def __init__(self, keys: Collection[AcceptedKey], nonces: Nonces, clock: Clock) -> None:
        """`keys` are looked through for each signature, so they may change; the first of an id counts."""
        self._keys = keys
        self._nonces = nonces
        self._clock = clock

    def verify(self, message: SignedMessage) -> AcceptedKey:
        """The key that signed the request. Raises SignatureInvalidError, DatabaseUnavailableError."""
        refusals: list[SignatureInvalidError] = []
        for signature in self._signatures(message):
            try:
                return self._accepted(signature.candidate(), message)
            except SignatureInvalidError as error:
                key_id = str(signature.parameters.get("keyid", ""))[:100]
                log.warning("signature_refused", key_id=key_id, rule=error.rule, method=message.method)
                refusals.append(error)
        raise refusals[0]

    def _signatures(self, message: SignedMessage) -> list[Signature]:
        try:
            return signatures_of(message.headers)
        except SignatureInvalidError as error:
            log.warning("signature_refused", key_id="", rule=error.rule, method=message.method)
            raise

    def _accepted(self, candidate: Candidate, message: SignedMessage) -> AcceptedKey:
        key = next((key for key in self._keys if key.id == candidate.key_id), None)
        if key is None:
            raise SignatureInvalidError("unknown_key", "The signature's keyid is not known here.")
        now = self._clock()
        self._check_instants(candidate, now)
        candidate.check_coverage(has_body=bool(message.body))
        result = self._right_signature(candidate, message, key)
        _check_digest(result, message)
        if not self._nonces.claim(key.id, candidate.nonce, now=now, expires_at=now + KEPT):
            raise SignatureInvalidError("replayed", "The signature's nonce was seen before.")
        return key

    def _check_instants(self, candidate: Candidate, now: datetime) -> None:
        age = now.timestamp() - candidate.created
        if age > WINDOW.total_seconds():
            raise SignatureInvalidError("too_old", "The signature was created more than 60 seconds ago.")
        if age < -WINDOW.total_seconds():
            raise SignatureInvalidError("in_future", "The signature was created more than 60 seconds in the future.")
        if candidate.expires is not None and candidate.expires <= now.timestamp():
            raise SignatureInvalidError("expired", "The signature has expired.")

    def _right_signature(self, candidate: Candidate, message: SignedMessage, key: AcceptedKey) -> VerifyResult:
        verifier = _Verifier(MappingKeyResolver(public_keys={key.id: key.secret}, private_keys={}))
        views = [message, message.other_scheme()] if candidate.covers("@target-uri") else [message]
        for view in views:
            try:
                alone = SignedMessage(view.method, view.url, {**view.headers, **candidate.headers()}, view.body)
                return verifier.verify(alone, max_age=None)[0]
            except InvalidSignature:
                continue
        raise SignatureInvalidError("mismatch", "The signature is not that of this request with this key.")


class _Verifier(HTTPMessageVerifier):
    """The library's verifier without its own look at the clock: instants were checked by ours."""

    def __init__(self, resolver: HTTPSignatureKeyResolver) -> None:
        super().__init__(signature_algorithm=HMAC_SHA256, key_resolver=resolver)

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        """Nothing: see `SignatureVerifier._check_instants`."""


def _check_digest(result: VerifyResult, message: SignedMessage) -> None:
    """Compares the digest with the body as it came, whenever there is one of them. Constant time."""
    try:
        ContentDigest.verify_components(result.covered_components, message.body)
        if "content-digest" in message.headers:
            ContentDigest.verify(message.headers["content-digest"], message.body)
    except InvalidSignature as error:
        raise SignatureInvalidError("digest_mismatch", "The Content-Digest is not that of the body.") from error
