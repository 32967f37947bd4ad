"""A fleet of slaves that behave, on one loopback port: host `h7` answers under `/slaves/h7/remote-api/…`.

Their answers have the shape of `GET /remote-api/quotas` (ETag and 304 included), limits can be set, and single hosts
can be made to hang or fail while the fleet runs. Signatures are asked for, but not checked.
"""

import json
import socket
import time
from collections import Counter, defaultdict
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

GIB = 2**30
FIRST_UID = 1000
MEASURED_AT = "2026-11-21T04:00:00Z"

LIMITS = ("block_soft_limit", "block_hard_limit", "inode_soft_limit", "inode_hard_limit")

Headers = dict[str, str]
Answer = tuple[int, bytes, Headers]


class Call(NamedTuple):
    """One request to one host; header names are in lower case."""

    method: str
    host: str
    path: str
    query: dict[str, list[str]]
    headers: Headers
    body: bytes


def device(name: str, users: int, *, host_number: int) -> dict[str, Any]:
    """An ext4 device with so many users; every tenth is above the soft limit, every twenty-fifth at the hard one."""
    rows = [_row(FIRST_UID + number, number + host_number) for number in range(users)]
    used = sum(row["block_current"] for row in rows)
    total = max(2 * used, GIB)
    return {
        "name": name,
        "kind": "block",
        "fstype": "ext4",
        "mount_points": [f"/mnt/{name.rsplit('/', 1)[-1]}"],
        "opts": ["rw", "usrquota"],
        "status": "ok",
        "measured_at": MEASURED_AT,
        "capabilities": {
            "quota_types": ["user"],
            "soft_limits": True,
            "inode_limits": True,
            "grace_periods": True,
            "enforced_by_kernel": True,
        },
        "usage": {"free": total - used, "used": used, "total": total, "percent": round(100 * used / total, 1)},
        "user_quota_format": "vfsv1",
        "user_quota_info": {"block_grace": 604800, "inode_grace": 604800, "flags": 0},
        "user_quotas": rows,
    }


def _row(uid: int, number: int) -> dict[str, Any]:
    soft, hard = 8 * 1024 * 1024, 10 * 1024 * 1024
    if number % 25 == 0:
        used, status, expiry = hard * 1024, "hard_reached", 1795665114
    elif number % 10 == 0:
        used, status, expiry = 9 * GIB, "soft_exceeded", 1795665114
    else:
        used, status, expiry = number % 70 * GIB // 10, "ok", 0
    return {
        "uid": uid,
        "name": "alice" if uid == FIRST_UID else f"user{uid}",
        "status": status,
        "block_current": used,
        "block_soft_limit": soft,
        "block_hard_limit": hard,
        "block_time_limit": expiry,
        "inode_current": 1000 + number,
        "inode_soft_limit": 80_000,
        "inode_hard_limit": 100_000,
        "inode_time_limit": 0,
        "limits_source": "own",
    }


class FleetOfSlaves:
    """So many hosts (`h1`, `h2`, …), each with so many users on each of its devices.

    `delay_seconds` is how long each answer takes. `hang` and `fail` make single hosts misbehave until `mend`.
    """

    def __init__(
        self, hosts: int, users: int = 50, devices: int = 2, *, delay_seconds: float = 0.0, port: int = 0
    ) -> None:
        self.ids = tuple(f"h{number}" for number in range(1, hosts + 1))
        self.delay_seconds = delay_seconds
        self._devices = {
            host: [device(f"/dev/sd{chr(97 + place)}1", users, host_number=number) for place in range(devices)]
            for number, host in enumerate(self.ids)
        }
        self._bodies: dict[str, tuple[bytes, str]] = {}
        self._hanging: set[str] = set()
        self._failing: dict[str, tuple[int, str]] = {}
        self._lock = Lock()
        self.released = Event()
        self.calls: Counter[tuple[str, str, str]] = Counter()
        self.connections = 0
        self.not_modified: Counter[str] = Counter()
        self.read_at: defaultdict[str, list[float]] = defaultdict(list)
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.fleet = self
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        """The port that all of them share."""
        return self._server.server_port

    def url(self, host: str) -> str:
        """The base URL of a host, as it stands in a master's settings."""
        return f"http://127.0.0.1:{self.port}/slaves/{host}"

    def entries(self) -> list[dict[str, Any]]:
        """The hosts as `SLAVES` of a master's settings."""
        secret = "fleet-secret-of-tests-0123456789-{}-{}"
        return [
            {
                "id": host,
                "url": self.url(host),
                "read_key": {"id": f"{host}-read", "secret": secret.format(host, "read")},
                "write_key": {"id": f"{host}-write", "secret": secret.format(host, "write")},
            }
            for host in self.ids
        ]

    def devices_of(self, host: str) -> list[dict[str, Any]]:
        """What the host would answer now."""
        return self._devices[host]

    def set_limits(self, host: str, device: str, uid: int, limits: dict[str, int]) -> None:
        """Somebody sets limits on the host itself."""
        self._set(host, device, uid, limits)

    def fail_device(self, host: str, name: str) -> None:
        """From now on the host cannot read this device; it comes without rows."""
        with self._lock:
            for each in self._devices[host]:
                if each["name"] == name:
                    gone = {"code": "device_unavailable", "detail": "gone"}
                    each.update(status="failed", user_quotas=[], problem=gone)
            self._bodies.pop(host, None)

    def count(self, host: str) -> int:
        """How many readings of all quotas the host was asked for."""
        return self.calls[host, "GET", "/quotas"]

    def hang(self, *hosts: str) -> None:
        """From now on these accept and never answer, until mended or closed."""
        self._hanging.update(hosts)

    def fail(self, *hosts: str, status: int = 500, code: str = "internal") -> None:
        """From now on these answer with this problem."""
        self._failing.update(dict.fromkeys(hosts, (status, code)))

    def mend(self, *hosts: str) -> None:
        """These behave again; those who wait are let go."""
        self._hanging.difference_update(hosts)
        for host in hosts:
            self._failing.pop(host, None)
        self.released.set()
        self.released = Event()

    def answer(self, method: str, target: str, headers: Headers, body: bytes) -> Answer:
        """What a host says: status, body, headers."""
        url = urlsplit(target)
        _, _, host, path = (*url.path.split("/", 3), "")[:4]
        call = Call(method, host, "/" + path.removeprefix("remote-api/"), parse_qs(url.query), headers, body)
        with self._lock:
            self.calls[host, method, call.path] += 1
            if call.path == "/quotas":
                self.read_at[host].append(time.monotonic())
        if self.delay_seconds:
            time.sleep(self.delay_seconds)
        if host in self._hanging:
            self.released.wait()
        if host in self._failing:
            return problem(*self._failing[host])
        if host not in self._devices:
            return problem(404, "not_found")
        if call.path == "/ping":
            return 200, b'{"status":"ok"}', {}
        return self._signed_answer(call) if "signature" in headers else problem(401, "signature_invalid")

    def _signed_answer(self, call: Call) -> Answer:
        if call.path == "/host":
            known = {"id": call.host, "version": "0.1.0", "time": MEASURED_AT, "backends": ["kernel"]}
            return 200, json.dumps(known).encode(), {}
        if call.path == "/quotas":
            return self._quotas(call.host, call.headers)
        if call.path.startswith("/quotas/users/") and call.method == "PUT":
            uid = int(call.path.rsplit("/", 1)[-1])
            return self._set(call.host, call.query.get("device", [""])[0], uid, json.loads(call.body))
        if call.path == "/quotas/batch" and call.method == "POST":
            return self._set_many(call.host, json.loads(call.body))
        return problem(404, "not_found")

    def _quotas(self, host: str, headers: Headers) -> Answer:
        with self._lock:
            if host not in self._bodies:
                text = json.dumps(self._devices[host]).encode()
                self._bodies[host] = text, f'"{blake2b(text, digest_size=16).hexdigest()}"'
            text, etag = self._bodies[host]
            is_known = headers.get("if-none-match") == etag
            self.not_modified[host] += is_known
        if is_known:
            return 304, b"", {"ETag": etag}
        return 200, text, {"ETag": etag}

    def _set_many(self, host: str, body: dict[str, Any]) -> Answer:
        """Ids only; rows as the real ones have them."""
        found = [each for each in self._devices[host] if each["name"] == body["device"]]
        if not found:
            return problem(404, "device_not_found")
        rows = {row["uid"]: row for row in found[0]["user_quotas"]}
        results = []
        for uid in body["ids"]:
            row = rows.get(uid) or {**_row(uid, 1), "block_current": 0}
            before = {name: row[name] for name in LIMITS}
            after = {**row, **body["limits"]}
            if not body["dry_run"]:
                self._set(host, body["device"], uid, body["limits"])
            results.append({"id": uid, "name": row["name"], "ok": True, "before": before, "row": after})
        return 200, json.dumps({"results": results}).encode(), {}

    def _set(self, host: str, name: str, uid: int, limits: dict[str, int]) -> Answer:
        with self._lock:
            return self._set_row(host, name, uid, limits)

    def _set_row(self, host: str, name: str, uid: int, limits: dict[str, int]) -> Answer:
        for each in self._devices[host]:
            if each["name"] == name:
                row = next((row for row in each["user_quotas"] if row["uid"] == uid), None)
                if row is None:
                    row = {**_row(uid, 1), "block_current": 0}
                    each["user_quotas"].append(row)
                row.update(limits)
                self._bodies.pop(host, None)
                return 200, json.dumps(row).encode(), {}
        return problem(404, "device_not_found")


def problem(status: int, code: str) -> Answer:
    """A problem document with this code."""
    body = {"type": f"urn:qman:problem:{code}", "title": code, "status": status, "code": code, "detail": code}
    return status, json.dumps(body).encode(), {"Content-Type": "application/problem+json"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024
    fleet: FleetOfSlaves

    def process_request(self, request: Any, client_address: Any) -> None:
        """A connection, for any number of requests."""
        self.fleet.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server
    request: socket.socket

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, answer, extra = self.server.fleet.answer(self.command, self.path, headers, body)
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | extra).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = _answer  # noqa: N815 - http.server asks for these names
    do_PUT = _answer  # noqa: N815 - as above
    do_POST = _answer  # noqa: N815 - as above
    do_DELETE = _answer  # noqa: N815 - as above

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is BaseHTTPRequestHandler's
        """Quiet."""
