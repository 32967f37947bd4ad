"""An answer that only the one who asked can read, and only somebody who shares a secret with them can have written.

X25519 (RFC 7748) with keys of this one exchange, mixed with the shared secret by HKDF-SHA256, then AES-256-GCM.
"""

import base64
import json
import os
from collections.abc import Sequence
from typing import Annotated, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field

from app.auth.enrolment.errors import SealBrokenError
from app.quota.errors import FieldFault, InvalidInputError
from app.web.wire import In, Out

_NONCE_BYTES = 12

PublicKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{43}=$", description="An X25519 public key in base64")]


class EnrolIn(In):
    """A host asks for its keys; the request is signed with the code."""

    host_id: Annotated[str, Field(min_length=1, max_length=100)]
    public_key: PublicKey


class KeysOrderIn(In):
    """The master orders new keys."""

    public_key: PublicKey


class SealedOut(Out):
    """An answer for the one who asked."""

    public_key: PublicKey
    sealed: Annotated[str, Field(max_length=10_000, description="Nonce and AES-256-GCM text, in base64")]


class Asker:
    """One side of one exchange: sends `public_key`, opens the answer."""

    def __init__(self) -> None:
        self._private = X25519PrivateKey.generate()
        self.public_key = _encoded(self._private)

    def opened(self, answer: SealedOut, secret: bytes, bound_to: Sequence[str]) -> dict[str, Any]:
        """What the other side sealed with the same secret, bound to the same words. SealBrokenError."""
        words = [*bound_to, self.public_key, answer.public_key]
        try:
            raw = base64.b64decode(answer.sealed, validate=True)
            cipher = AESGCM(_derived(_shared(self._private, answer.public_key), secret, words))
            content: dict[str, Any] = json.loads(cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _joined(words)))
        except (InvalidTag, ValueError) as error:
            raise SealBrokenError("The answer was not sealed by somebody who shares our secret.") from error
        return content


class Answerer:
    """The other side of one exchange: seals the answer to the one who sent `public_key`."""

    def __init__(self, public_key: str) -> None:
        """InvalidInputError: that is no key, or one of those that make every shared secret the same."""
        private = X25519PrivateKey.generate()
        self._asker, self._own = public_key, _encoded(private)
        try:
            self._shared = _shared(private, public_key)
        except ValueError as error:
            fault = FieldFault("public_key", public_key, "an X25519 public key in base64")
            raise InvalidInputError("The public key is none.", fields=[fault]) from error

    def sealed(self, content: dict[str, Any], secret: bytes, bound_to: Sequence[str]) -> SealedOut:
        """The answer: only the asker opens it, with the same secret and the same words."""
        words = [*bound_to, self._asker, self._own]
        nonce = os.urandom(_NONCE_BYTES)
        cipher = AESGCM(_derived(self._shared, secret, words))
        text = nonce + cipher.encrypt(nonce, json.dumps(content).encode(), _joined(words))
        return SealedOut(public_key=self._own, sealed=base64.b64encode(text).decode("ascii"))


def _encoded(private: X25519PrivateKey) -> str:
    return base64.b64encode(private.public_key().public_bytes_raw()).decode("ascii")


def _shared(private: X25519PrivateKey, peer: str) -> bytes:
    return private.exchange(X25519PublicKey.from_public_bytes(base64.b64decode(peer, validate=True)))


def _derived(shared: bytes, secret: bytes, words: Sequence[str]) -> bytes:
    return HKDF(hashes.SHA256(), length=32, salt=secret, info=_joined(words)).derive(shared)


def _joined(words: Sequence[str]) -> bytes:
    return json.dumps(list(words)).encode()


def enrolment_words(host_id: str, code_id: str) -> Sequence[str]:
    """What the answer to an enrolment is bound to."""
    return ("enrolment", host_id, code_id)


def keys_words(host_id: str, key_id: str) -> Sequence[str]:
    """What the answer to an order of new keys is bound to; `key_id` signed the order."""
    return ("keys", host_id, key_id)
