"""Enrolment codes: an id, and a secret that is shown once. What is kept of it are two keys derived from it."""

import base64
import re
import secrets
from dataclasses import dataclass, field
from typing import Any, Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.auth.enrolment.errors import CodeMalformedError
from app.settings.keys import SigningKey

SECRET_BYTES = 24
_CODE = re.compile(r"([0-9a-f]{12})\.([A-Za-z0-9_-]{32})")


@dataclass(frozen=True, slots=True)
class CodeKeys:
    """What both sides derive from a code: the key that signs the request, and the secret that seals the answer.

    The code cannot be found from them (HKDF-SHA256, RFC 5869).
    """

    code_id: str
    signing: SigningKey
    sealing: bytes = field(repr=False)

    @classmethod
    def of(cls, code: str) -> Self:
        """CodeMalformedError."""
        parts = _CODE.fullmatch(code.strip())
        if parts is None:
            raise CodeMalformedError("This is no enrolment code: copy it whole from the dashboard.")
        code_id, secret = parts.groups()
        signing = base64.urlsafe_b64encode(_derived(secret, code_id, "sign")).decode("ascii")
        return cls._of(code_id, signing, _derived(secret, code_id, "seal"))

    @classmethod
    def from_plain(cls, code_id: str, plain: dict[str, Any]) -> Self:
        """From what `plain` gave."""
        return cls._of(code_id, plain["sign"], base64.b64decode(plain["seal"]))

    def plain(self) -> dict[str, Any]:
        """With the secrets: for sealing alone."""
        sealing = base64.b64encode(self.sealing).decode("ascii")
        return {"sign": self.signing.secret.get_secret_value(), "seal": sealing}

    @classmethod
    def _of(cls, code_id: str, signing: str, sealing: bytes) -> Self:
        return cls(code_id, SigningKey.model_validate({"id": key_id_of(code_id), "secret": signing}), sealing)


def new_code() -> str:
    """An id of 48 random bits, a dot, and a secret of 192."""
    return f"{secrets.token_hex(6)}.{secrets.token_urlsafe(SECRET_BYTES)}"


def key_id_of(code_id: str) -> str:
    """The keyid of requests that are signed with a code."""
    return f"enrol-{code_id}"


def _derived(secret: str, code_id: str, purpose: str) -> bytes:
    info = f"qman enrolment {purpose}".encode()
    return HKDF(hashes.SHA256(), length=32, salt=code_id.encode(), info=info).derive(secret.encode())
