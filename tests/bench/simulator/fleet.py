"""All simulated hosts together, and the way to steer them while they run."""

import asyncio
import errno
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from tests.bench.simulator.answers import Answer, Request, in_json, problem
from tests.bench.simulator.certificates import Authority
from tests.bench.simulator.hosts import Applied, SimulatedHost
from tests.bench.simulator.misbehaving import Kind, kind_of
from tests.bench.simulator.serving import Connection, Site

PORTS = range(20_000, 32_000)
TRIES = 20
HOSTS_OF_A_NET = 250


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to simulate. The last `tls` hosts speak TLS; `log`: a file for the changes, a JSON line for each."""

    hosts: int
    users: int = 50
    devices: int = 2
    tls: int = 0
    log: Path | None = None


class SimulatedFleet:
    """Hosts `h1`, `h2`, …, each on its own address in 127.0.0.0/8."""

    def __init__(self, wanted: Wanted) -> None:
        self._stack = ExitStack()
        self.applied: list[Applied] = []
        self._log = None if wanted.log is None else self._stack.enter_context(wanted.log.open("ab", buffering=0))
        folder = Path(self._stack.enter_context(TemporaryDirectory()))
        trusted, foreign = (Authority(folder, name) for name in ("trusted", "foreign"))
        self.ca_file = trusted.ca_file
        port, net = secrets.choice(PORTS), secrets.randbelow(200) + 20
        self.sites: dict[str, Site] = {}
        for number in range(1, wanted.hosts + 1):
            host = SimulatedHost(
                f"h{number}", number, users=wanted.users, devices=wanted.devices, applied=self._remember
            )
            address = f"127.{net}.{number // HOSTS_OF_A_NET}.{number % HOSTS_OF_A_NET + 1}"
            speaks_tls = number > wanted.hosts - wanted.tls
            right, wrong = (authority.context_for(address) if speaks_tls else None for authority in (trusted, foreign))
            self.sites[host.id] = Site(host, address, port, right=right, wrong=wrong)
        for site in self.sites.values():
            site.elsewhere = f"{next(iter(self.sites.values())).url}/remote-api/quotas"

    def _remember(self, change: Applied) -> None:
        self.applied.append(change)
        if self._log is not None:
            self._log.write(orjson.dumps(change) + b"\n")

    async def listen(self) -> None:
        """Starts all; on another port where this one is taken."""
        for _ in range(TRIES):
            try:
                for site in self.sites.values():
                    await site.listen()
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                port = secrets.choice(PORTS)
                for site in self.sites.values():
                    site.close()
                    site.port = port
            else:
                return
        raise OSError(errno.EADDRINUSE, "no port is free")

    def close(self) -> None:
        """Frees everything."""
        for site in self.sites.values():
            site.close()
        self._stack.close()

    def entries(self) -> list[dict[str, Any]]:
        """The hosts as `SLAVES` of a master's settings."""
        return [
            {
                "id": site.host.id,
                "url": site.url,
                "read_key": {"id": site.host.keys.read.id, "secret": site.host.keys.read.secret},
                "write_key": {"id": site.host.keys.write.id, "secret": site.host.keys.write.secret},
                **({"ca_file": str(self.ca_file)} if site.url.startswith("https") else {}),
            }
            for site in self.sites.values()
        ]

    def set_pace(self, *, delay: float | None = None, churn: float | None = None) -> None:
        """Seconds that each answer takes; share of the quotas that change in a second."""
        for site in self.sites.values():
            site.delay_seconds = site.delay_seconds if delay is None else delay
            site.host.churn = site.host.churn if churn is None else churn

    async def behave(self, kind: Kind | None, hosts: Iterable[str]) -> None:
        """From now on these so; None is well. KeyError: there is no such host."""
        for host in hosts:
            await self.sites[host].behave(kind)

    def spread(self, share: float) -> list[str]:
        """So large a part of the hosts, taken evenly from all, without the first."""
        ids = list(self.sites)
        count = round(share * len(ids))
        return [ids[(place + 1) * len(ids) // count - 1] for place in range(count)]


class Control:
    """The endpoint that steers a running simulator; see `tests.bench.fleet`."""

    def __init__(self, fleet: SimulatedFleet) -> None:
        self._fleet = fleet
        self._tasks: set[asyncio.Task[None]] = set()

    def serve(self, connection: Connection, request: Request) -> None:
        """See `Server`."""
        task = asyncio.get_running_loop().create_task(self._serve(connection, request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, connection: Connection, request: Request) -> None:
        try:
            connection.write(await self._answer(request))
        except (KeyError, ValueError) as error:
            connection.write(problem("invalid_input", str(error)))

    async def _answer(self, request: Request) -> Answer:
        sites = self._fleet.sites
        match request.path:
            case "/applied":
                return in_json(self._fleet.applied)
            case "/rows":
                return in_json({name: sites[name].host.devices for name in _named(request, sites)})
            case "/asked":
                return in_json({name: sites[name].asked_at for name in _named(request, sites)})
            case "/counts":
                return in_json(
                    {
                        "asked": sum(len(site.asked_at) for site in sites.values()),
                        "applied": len(self._fleet.applied),
                        "refused": sum(site.host.refused for site in sites.values()),
                        "most_at_once": max(site.most_at_once for site in sites.values()),
                    }
                )
            case "/pace":
                self._fleet.set_pace(**orjson.loads(request.body))
            case "/behave":
                asked = orjson.loads(request.body)
                kind = None if asked["kind"] is None else kind_of(asked["kind"])
                await self._fleet.behave(kind, self._hosts_of(asked))
            case _:
                return problem("not_found")
        return in_json({"done": True})

    def _hosts_of(self, asked: Mapping[str, Any]) -> Sequence[str]:
        if "share" in asked:
            return self._fleet.spread(asked["share"])
        hosts: Sequence[str] = asked.get("hosts") or list(self._fleet.sites)
        return hosts


def _named(request: Request, sites: Mapping[str, Site]) -> Sequence[str]:
    host = request.query("host")
    return list(sites) if host is None else [host]
