"""Checks signatures (RFC 9421, hmac-sha256) without the product's code: master and simulator must agree by the RFC."""

import base64
import hashlib
import hmac
import re
import time
from typing import NamedTuple

from tests.bench.simulator.answers import Answer, Request, problem

WINDOW_SECONDS = 60
KEPT_SECONDS = 150
_INPUT = re.compile(r"(?P<label>[a-z][a-z0-9_.*-]*)=(?P<params>\((?P<covered>[^)]*)\)(?P<rest>;.*))")
_PARAMETER = re.compile(r';(\w+)=("[^"]*"|\d+)')
_COVERED = re.compile(r'"([^"]+)"')
_DIGEST = re.compile(r"(sha-256|sha-512)=:([^:]*):")


class Key(NamedTuple):
    """A key of one host."""

    id: str
    secret: str
    scope: str


class KeyRing:
    """The keys of one host, and the nonces that it has seen."""

    def __init__(self, host_id: str) -> None:
        secret = "simulated-secret-of-{}-for-{}-0123456789abcdef"
        self.read = Key(f"{host_id}-read", secret.format(host_id, "read"), "read")
        self.write = Key(f"{host_id}-write", secret.format(host_id, "write"), "write")
        self._seen: dict[str, float] = {}

    def refusal(self, request: Request) -> Answer | None:
        """None where the request is signed as it must be with a key that may do this."""
        broken = self._broken_rule(request)
        if broken is not None:
            return problem("signature_invalid", broken)
        key_id = _parameters(request)["keyid"]
        if request.method != "GET" and key_id != self.write.id:
            return problem("scope_missing")
        return None

    def _broken_rule(self, request: Request) -> str | None:
        found = _INPUT.fullmatch(request.headers.get("signature-input", ""))
        if found is None:
            return "no signature that this host can read"
        parameters, covered = _parameters(request), _COVERED.findall(found["covered"])
        key = next((key for key in (self.read, self.write) if key.id == parameters.get("keyid")), None)
        now = time.time()
        if key is None or abs(now - int(parameters.get("created", "0"))) > WINDOW_SECONDS:
            return "unknown key, or created too long ago, or in the future"
        if not {"@method", "@path", "@query"} <= set(covered) or (request.body and "content-digest" not in covered):
            return "not all is covered"
        if not _is_right(request, found["label"], _base(request, covered, found["params"]), key):
            return "not the signature of this request"
        if "content-digest" in covered and not _digest_is_right(request):
            return "not the digest of this body"
        return None if self._is_new(parameters.get("nonce", ""), now) else "nonce seen before, or none"

    def _is_new(self, nonce: str, now: float) -> bool:
        if len(self._seen) > 1000 or (self._seen and next(iter(self._seen.values())) < now):
            self._seen = {known: until for known, until in self._seen.items() if until > now}
        is_new = nonce != "" and nonce not in self._seen
        self._seen[nonce] = now + KEPT_SECONDS
        return is_new


def _parameters(request: Request) -> dict[str, str]:
    text = request.headers.get("signature-input", "").partition(")")[2]
    return {name: value.strip('"') for name, value in _PARAMETER.findall(text)}


def _value(request: Request, name: str) -> str:
    path, _, query = request.target.partition("?")
    known = {"@method": request.method, "@path": path, "@query": f"?{query}"}
    return known.get(name) or request.headers.get(name, "")


def _base(request: Request, covered: list[str], params: str) -> str:
    lines = [f'"{name}": {_value(request, name)}' for name in covered]
    return "\n".join([*lines, f'"@signature-params": {params}'])


def _is_right(request: Request, label: str, base: str, key: Key) -> bool:
    right = base64.b64encode(hmac.digest(key.secret.encode(), base.encode(), "sha256")).decode()
    return hmac.compare_digest(request.headers.get("signature", ""), f"{label}=:{right}:")


def _digest_is_right(request: Request) -> bool:
    digests = _DIGEST.findall(request.headers.get("content-digest", ""))
    return bool(digests) and all(
        hmac.compare_digest(base64.b64encode(hashlib.new(name.replace("-", ""), request.body).digest()), value.encode())
        for name, value in digests
    )
