"""Admins who set limits at random, and who try again as a person would when an answer does not come."""

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests

LIMIT_FIELDS = ("block_soft_limit", "block_hard_limit", "inode_soft_limit", "inode_hard_limit")
SIZES_KIB = (0, 10 * 2**20, 20 * 2**20, 30 * 2**20)
"""Few, so that a limit is often set back to what it was."""

TRY_AGAIN = {502, 503, 504}
"""What a person is told while something is away."""

THINK_SECONDS = 0.3
PATIENCE_SECONDS = 120

Quota = tuple[str, str, int]
"""Host, device, uid."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A change that a master said is done."""

    quota: Quota
    audit_id: str
    limits: Mapping[str, int]


@dataclass
class Heard:
    """What the masters said, to all of them together."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    tried_again: int = 0
    unexpected: list[str] = field(default_factory=list)
    """Answers that nobody should get, whatever is killed."""


class Changer(threading.Thread):
    """Sets limits of its own quotas, one after the other. Each is tried, here and there, until it is acknowledged."""

    def __init__(
        self, ports: Sequence[int], quotas: Sequence[Quota], seed: int, heard: Heard, goes_on: Callable[[int], bool]
    ) -> None:
        """`goes_on` is asked before each change, with how many it made."""
        super().__init__(name=f"changer-{seed}", daemon=True)
        self._ports = list(ports)
        self._quotas = quotas
        self._goes_on = goes_on
        self._random = random.Random(seed)  # noqa: S311 - no secret
        self._heard = heard
        self._headers: dict[str, str] = {}

    def run(self) -> None:
        """Ends when it need not go on, or when a change is not acknowledged in time."""
        made = 0
        while self._goes_on(made):
            made += 1
            quota, size = self._random.choice(self._quotas), self._random.choice(SIZES_KIB)
            if not self._change(quota, {"block_soft_limit": size // 2, "block_hard_limit": size}):
                return
            time.sleep(self._random.random() * THINK_SECONDS)

    def _change(self, quota: Quota, limits: Mapping[str, int]) -> bool:
        host, device, uid = quota
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            answer = self._ask("PUT", f"/api/quotas/{host}/users/{uid}", params={"device": device}, json=limits)
            if answer is not None and answer.status_code == requests.codes.ok:
                said = answer.json()
                stands = {name: said["row"][name] for name in LIMIT_FIELDS}
                if stands != {**stands, **limits}:
                    self._heard.unexpected.append(f"asked for {limits}, stands {stands}")
                self._heard.acknowledged.append(Acknowledged(quota, said["audit_id"], stands))
                return True
            self._heard.tried_again += 1
            time.sleep(0.1)
        self._heard.unexpected.append(f"{quota}: no answer in {PATIENCE_SECONDS} s")
        return False

    def _ask(self, method: str, path: str, **what: Any) -> requests.Response | None:
        port = self._random.choice(self._ports)
        try:
            if not self._headers:
                self._log_in(port)
            url = f"http://127.0.0.1:{port}{path}"
            answer = requests.request(method, url, headers=self._headers, timeout=(2, 20), **what)
        except (requests.RequestException, LookupError):
            return None
        if answer.status_code not in {requests.codes.ok, *TRY_AGAIN}:
            self._heard.unexpected.append(f"{path}: {answer.status_code} {answer.text[:300]}")
        return answer

    def _log_in(self, port: int) -> None:
        """LookupError: not now."""
        url = f"http://127.0.0.1:{port}"
        cookie = requests.get(f"{url}/auth/login", timeout=(2, 20), allow_redirects=False).cookies.get("qman_session")
        if cookie is None:
            raise LookupError
        headers = {"Cookie": f"qman_session={cookie}"}
        me = requests.get(f"{url}/api/me", headers=headers, timeout=(2, 20))
        if me.status_code != requests.codes.ok:
            raise LookupError
        self._headers = headers | {"X-CSRF-Token": me.json()["csrf_token"]}
