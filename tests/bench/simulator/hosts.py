"""What a simulated host keeps: devices with quotas that are read, are set, and change by themselves."""

import random
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

import orjson
from pydantic import ValidationError

from app.quota.errors import QmanError
from app.quota.rules import check_limits
from app.quota.units import bytes_from_kib, count_from_wire
from app.quota.values import Limits, Quota, ResourceQuota
from app.web.quota_changes import BatchIn
from app.web.quota_rows import LimitsIn, quota_row
from app.web.wire import iso_utc
from tests.bench.simulator.answers import Answer, Request, in_json, problem
from tests.bench.simulator.signatures import KeyRing
from tests.fakes.fleet import device as new_device

LIMITS = ("block_soft_limit", "block_hard_limit", "inode_soft_limit", "inode_hard_limit")
GRACE = timedelta(days=7)
HOSTS_BETWEEN_FULL_ONES = 10
"""Quotas are full on every tenth host only: the master reads these faster."""
_USER = re.compile(r"/remote-api/quotas/users/(\d{1,10})")

Row = dict[str, Any]
Applied = dict[str, Any]


class SimulatedHost:
    """One slave behind its base URL. Its devices are kept as the JSON of their last reading, which takes little room.

    `applied` is told of every change of limits: `{at, host, device, quota_type, id, before, after}`.
    """

    def __init__(
        self, host_id: str, number: int, *, users: int, devices: int, applied: Callable[[Applied], None]
    ) -> None:
        self.id = host_id
        self.keys = KeyRing(host_id)
        self.churn = 0.0
        self.refused = 0
        self._applied = applied
        self._random = random.Random(number)  # noqa: S311 - whose figures change is no secret
        self._churned_at = time.monotonic()
        names = [f"/dev/sd{chr(97 + place)}1" for place in range(devices)]
        made = [new_device(name, users, host_number=number) for name in names]
        if number % HOSTS_BETWEEN_FULL_ONES:
            for row in (row for each in made for row in each["user_quotas"] if row["status"] == "hard_reached"):
                row.update(block_current=row["block_current"] // 2, block_time_limit=0, status="ok")
        self._keep(made)

    @property
    def devices(self) -> list[dict[str, Any]]:
        """As they stand now."""
        found: list[dict[str, Any]] = orjson.loads(self._body)
        return found

    def _keep(self, devices: list[dict[str, Any]]) -> None:
        now = iso_utc(datetime.now(UTC))
        self._body = orjson.dumps([{**device, "measured_at": now} for device in devices])
        self._etag = f'"{blake2b(self._body, digest_size=16).hexdigest()}"'

    def answer(self, request: Request) -> Answer:
        """What the slave's remote API says to it."""
        if request.path == "/remote-api/ping":
            return in_json({"status": "ok"})
        refusal = self.keys.refusal(request)
        if refusal is not None:
            self.refused += 1
            return refusal
        user = _USER.fullmatch(request.path)
        if (request.method, request.path) == ("GET", "/remote-api/quotas"):
            return self._quotas(request)
        if user and request.method == "PUT":
            return self._set_one(request, int(user[1]))
        if (request.method, request.path) == ("POST", "/remote-api/quotas/batch"):
            return self._set_many(request)
        return problem("not_found")

    def _quotas(self, request: Request) -> Answer:
        self._change_by_itself()
        if request.headers.get("if-none-match") == self._etag:
            return Answer(304, headers={"ETag": self._etag, "Qman-Version": "simulated"})
        wanted = request.query("device")
        if wanted is None:
            return Answer(200, self._body, {"ETag": self._etag, "Qman-Version": "simulated"})
        found = [device for device in self.devices if device["name"] == wanted]
        return in_json(found) if found else problem("device_not_found")

    def _change_by_itself(self) -> None:
        """So much of the quotas as should have changed since the last reading gets another usage."""
        now = time.monotonic()
        seconds, self._churned_at = now - self._churned_at, now
        if not self.churn:
            return
        devices = self.devices
        rows = [row for device in devices for row in device["user_quotas"]]
        expected = min(float(len(rows)), self.churn * len(rows) * seconds)
        changing = self._random.sample(rows, int(expected) + (self._random.random() < expected % 1))
        for row in changing:
            row["block_current"] = self._random.randrange(1024 * (row["block_hard_limit"] or 2**23))
            row.update(_worked_out(row, LimitsIn()))
        if changing:
            self._keep(devices)

    def _set_one(self, request: Request, uid: int) -> Answer:
        devices = self.devices
        device = next((each for each in devices if each["name"] == request.query("device")), None)
        if device is None:
            return problem("device_not_found")
        try:
            limits = LimitsIn.model_validate_json(request.body)
            row = self._set(device, uid, limits)
        except (ValidationError, QmanError):
            return problem("invalid_input")
        self._keep(devices)
        return in_json(row)

    def _set(self, device: dict[str, Any], uid: int, limits: LimitsIn, *, dry_run: bool = False) -> Row:
        rows: list[Row] = device["user_quotas"]
        row = next((row for row in rows if row["uid"] == uid), None) or _unknown(uid)
        changed = _worked_out(row, limits)
        if not dry_run:
            device["user_quotas"] = [*(each for each in rows if each["uid"] != uid), changed]
            told = {"at": time.time(), "host": self.id, "device": device["name"], "quota_type": "user", "id": uid}
            self._applied({**told, "before": _limits(row), "after": _limits(changed)})
        return changed

    def _set_many(self, request: Request) -> Answer:
        try:
            body = BatchIn.model_validate_json(request.body)
        except ValidationError:
            return problem("invalid_input")
        devices = self.devices
        device = next((each for each in devices if each["name"] == body.device), None)
        if device is None:
            return problem("device_not_found")
        results = [self._result(device, body, uid, name) for uid, name in _targets(device, body)]
        if not body.dry_run:
            self._keep(devices)
        return in_json({"results": results})

    def _result(self, device: dict[str, Any], body: BatchIn, uid: int | None, name: str) -> dict[str, Any]:
        result: dict[str, Any] = {"id": uid, "name": name, "ok": False, "before": None}
        if uid is None:
            return result | {"problem": {"code": "user_not_found", "detail": "No such user."}}
        row = next((row for row in device["user_quotas"] if row["uid"] == uid), None) or _unknown(uid)
        result["before"] = _limits(row)
        try:
            return result | {"ok": True, "row": self._set(device, uid, body.limits, dry_run=body.dry_run)}
        except QmanError as error:
            return result | {"problem": {"code": error.code, "detail": error.detail}}


def _targets(device: dict[str, Any], body: BatchIn) -> list[tuple[int | None, str]]:
    by_id = {row["uid"]: row["name"] for row in device["user_quotas"]}
    if body.ids is not None:
        return [(uid, by_id.get(uid, f"#{uid}")) for uid in dict.fromkeys(body.ids)]
    if body.names is not None:
        by_name = {name: uid for uid, name in by_id.items()}
        return [(by_name.get(name), name) for name in dict.fromkeys(body.names)]
    return [(uid, by_id[uid]) for uid in sorted(by_id) if uid != 0]


def _unknown(uid: int) -> Row:
    zeros = ("block_current", "block_time_limit", "inode_current", "inode_time_limit", *LIMITS)
    return {"uid": uid, "name": f"#{uid}", **dict.fromkeys(zeros, 0)}


def _limits(row: Row) -> dict[str, int]:
    return {name: row[name] for name in LIMITS}


def _worked_out(row: Row, limits: LimitsIn) -> Row:
    """The row with the given limits over its own, and the status that follows. InvalidInputError."""
    now = datetime.now(UTC)
    block, inode = limits.applied_to(
        Limits(bytes_from_kib(row["block_soft_limit"]), bytes_from_kib(row["block_hard_limit"])),
        Limits(count_from_wire(row["inode_soft_limit"]), count_from_wire(row["inode_hard_limit"])),
    )
    check_limits(block, inode)
    quota = Quota(
        row["uid"],
        _resource(row["block_current"], block, row["block_time_limit"], now),
        _resource(row["inode_current"], inode, row["inode_time_limit"], now),
    )
    return quota_row(quota, "uid", row["name"], now)


def _resource(used: int, limits: Limits, expiry: int, now: datetime) -> ResourceQuota:
    above = limits.soft is not None and used > limits.soft
    expires_at = (datetime.fromtimestamp(expiry, UTC) if expiry else now + GRACE) if above else None
    return ResourceQuota(used, limits, expires_at)
