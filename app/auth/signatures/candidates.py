"""The signatures that a request carries, as far as they can be judged without a key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import http_sf

from app.auth.signatures.errors import SignatureInvalidError

MOST_SIGNATURES = 4
"""How many signatures of a request are looked at."""
LONGEST_NONCE = 256
_LONGEST_FIELD = 4096
_ALGORITHM = "hmac-sha256"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One signature with well-formed parameters. `covered` are the names of components that stand there whole."""

    label: str
    key_id: str
    created: int
    expires: int | None
    nonce: str
    covered: frozenset[str]
    signature_input: str
    signature: str

    def covers(self, name: str) -> bool:
        """Is the component covered?"""
        return name in self.covered

    def headers(self) -> Mapping[str, str]:
        """The header fields with this signature alone."""
        return {"signature-input": self.signature_input, "signature": self.signature}

    def check_coverage(self, *, has_body: bool) -> None:
        """Raises SignatureInvalidError when something that matters is not covered."""
        if not self.covers("@method"):
            raise SignatureInvalidError("method_not_covered", "The signature does not cover @method.")
        if not self.covers("@target-uri") and not (self.covers("@path") and self.covers("@query")):
            raise SignatureInvalidError(
                "target_not_covered", "The signature covers neither @target-uri nor @path and @query."
            )
        if has_body and not self.covers("content-digest"):
            raise SignatureInvalidError("body_not_covered", "The signature does not cover the body's content-digest.")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature as it stands in the header fields."""

    label: str
    member: Any
    value: Any

    @property
    def parameters(self) -> Mapping[str, Any]:
        """As they came: nothing is known of them yet."""
        found: Mapping[str, Any] = self.member[1]
        return found

    def candidate(self) -> Candidate:
        """With its parameters read. Raises SignatureInvalidError."""
        return _candidate(self.label, self.member, self.value)


def signatures_of(headers: Mapping[str, str]) -> list[Signature]:
    """The request's signatures in order, at least one. Raises SignatureInvalidError."""
    inputs, values = _dictionary(headers, "signature-input"), _dictionary(headers, "signature")
    if len(inputs) > MOST_SIGNATURES:
        raise SignatureInvalidError("malformed", f"The request has more than {MOST_SIGNATURES} signatures.")
    found = [Signature(label, member, values[label]) for label, member in inputs.items() if label in values]
    if not found:
        raise SignatureInvalidError("no_signature", "No Signature-Input has a Signature of the same label.")
    return found


def _dictionary(headers: Mapping[str, str], name: str) -> dict[str, Any]:
    text = headers.get(name)
    if not text:
        raise SignatureInvalidError("no_signature", f"The request has no {name.title()} header field.")
    try:
        if len(text) > _LONGEST_FIELD:
            raise _malformed(name)
        parsed = http_sf.parse(text.encode("ascii"), tltype="dictionary", on_duplicate_key=_refuse_duplicate)
    except (ValueError, TypeError) as error:
        raise _malformed(name) from error
    if not isinstance(parsed, dict):
        raise _malformed(name)
    return parsed


def _malformed(name: str) -> SignatureInvalidError:
    return SignatureInvalidError("malformed", f"The {name.title()} header field is malformed.")


def _refuse_duplicate(name: str, context: str) -> None:
    if context == "dictionary":
        message = f"{name} twice"
        raise ValueError(message)


def _candidate(label: str, member: Any, signature: Any) -> Candidate:
    items, parameters = member
    if not isinstance(items, list) or not isinstance(signature[0], bytes):
        raise _malformed("signature-input")
    if parameters.get("alg", _ALGORITHM) != _ALGORITHM:
        raise SignatureInvalidError("algorithm", f"The signature's alg is not {_ALGORITHM}.")
    created, expires = parameters.get("created"), parameters.get("expires")
    if type(created) is not int:
        raise SignatureInvalidError("no_created", "The signature has no created instant.")
    if expires is not None and type(expires) is not int:
        raise _malformed("signature-input")
    key_id, nonce = parameters.get("keyid"), parameters.get("nonce")
    if type(key_id) is not str or not key_id:
        raise SignatureInvalidError("no_keyid", "The signature has no keyid.")
    if type(nonce) is not str or not 0 < len(nonce) <= LONGEST_NONCE:
        raise SignatureInvalidError("no_nonce", f"The signature has no nonce of 1 to {LONGEST_NONCE} characters.")
    return Candidate(
        label=label,
        key_id=key_id,
        created=created,
        expires=expires,
        nonce=nonce,
        covered=frozenset(name for name, its in items if isinstance(name, str) and not its),
        signature_input=http_sf.ser({label: member}),
        signature=http_sf.ser({label: signature}),
    )
