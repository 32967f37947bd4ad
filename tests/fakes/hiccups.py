"""A fleet of one host that has a hiccup at a certain request, as a machine under load has."""

import json
from collections.abc import Mapping
from typing import Any, Literal

from tests.fakes.fleet import Answer, FleetOfSlaves, Headers, problem

Hiccup = Literal["overloaded", "lost", "late", "stuck"]
"""Turned away, nothing was done · done, and the answer is lost · not done, nor answered before the caller gives up ·
answered for each id that the device does not answer.
"""


class HiccupingFleet(FleetOfSlaves):
    """The requests of `hiccups`, by their number among all batches from 1 on, go wrong; the others are answered."""

    def __init__(self, users: int, hiccups: Mapping[int, Hiccup] | None = None) -> None:
        super().__init__(hosts=1, users=users, devices=1)
        self.hiccups = dict(hiccups or {})
        self.batches = 0

    def begin(self, hiccups: Mapping[int, Hiccup]) -> None:
        """Counts from 1 again."""
        self.hiccups, self.batches = dict(hiccups), 0

    def answer(self, method: str, target: str, headers: Headers, body: bytes) -> Answer:
        """See `FleetOfSlaves`."""
        if not target.endswith("/quotas/batch"):
            return super().answer(method, target, headers, body)
        self.batches += 1
        hiccup = self.hiccups.get(self.batches)
        if hiccup == "overloaded":
            return problem(503, "overloaded")
        if hiccup == "stuck":
            return 200, json.dumps({"results": [_stuck(uid) for uid in json.loads(body)["ids"]]}).encode(), {}
        if hiccup == "late":
            self.released.wait()
            return problem(500, "internal")
        answered = super().answer(method, target, headers, body)
        return problem(500, "internal") if hiccup == "lost" else answered


def _stuck(uid: int) -> dict[str, Any]:
    why = {"code": "device_timeout", "detail": "/dev/sda1 did not answer within 5 seconds."}
    return {"id": uid, "name": f"user{uid}", "ok": False, "before": None, "problem": why}
