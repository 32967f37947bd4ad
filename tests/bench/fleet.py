"""A thousand slaves in one process, for benches and for tests of failure.

    python -m tests.bench.fleet --hosts 1000 --users 50 --delay 0.05 --settings master.json --log changes.jsonl

Once all answer, one line of JSON stands on stdout: `{"control": "http://127.0.0.1:…", "hosts": 1000, "settings": …}`.
Ends at SIGTERM or SIGINT. Python programs use `tests.bench.fleet_process.FleetProcess`, which does the same.

Every host (`h1` … `hN`) listens on a loopback address of its own and has keys of its own. It checks signatures
(RFC 9421) without the product's code: key of another host, old, altered, seen before: 401; a write with the read key:
403. It answers the slave's `GET /remote-api/quotas` (ETag, 304), `PUT …/users/<uid>`, `POST …/batch` and `ping`. What
is set is in the next reading and in the log, which has a line for each change at the moment when it is made:
`{"at", "host", "device", "quota_type", "id", "before", "after"}`. Answers are not compressed.

The control endpoint, while it runs:
    POST /pace    {"delay": 0.05, "churn": 0.01}       seconds of an answer; share of quotas that change in one
    POST /behave  {"kind": "hang", "hosts": ["h3"]}    or {"kind": "black_hole", "share": 0.1}; kind null: well again
    GET  /applied                                      the log
    GET  /rows[?host=h1]                               devices and quotas as they stand, by host
    GET  /asked[?host=h1]                              when each was asked for all quotas, in Unix seconds
    GET  /counts                                       asked, applied, refused (signatures), most_at_once (of one host)

The kinds are those of `tests.bench.simulator.misbehaving.Kind`: hang, refused, black_hole, garbage, noise, half, huge,
redirect, trickle, error, unauthorized, wrong_certificate (hosts with TLS: the last `--tls N`), silent.
"""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

from tests.bench.simulator.fleet import Control, SimulatedFleet, Wanted
from tests.bench.simulator.misbehaving import Kind, kind_of
from tests.bench.simulator.serving import Connection


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="tests.bench.fleet", description="Simulates the slaves of a fleet.")
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--users", type=int, default=50, help="on each device")
    parser.add_argument("--devices", type=int, default=2, help="of each host")
    parser.add_argument("--delay", type=float, default=0.0, metavar="SECONDS", help="that each answer takes")
    parser.add_argument("--churn", type=float, default=0.0, metavar="SHARE", help="of the quotas change in a second")
    parser.add_argument("--failing", type=float, default=0.0, metavar="SHARE", help="of the hosts misbehaves")
    parser.add_argument("--failure-kind", type=kind_of, default=Kind.BLACK_HOLE, metavar="KIND", help=", ".join(Kind))
    parser.add_argument("--tls", type=int, default=0, metavar="N", help="the last N hosts speak TLS")
    parser.add_argument("--log", type=Path, metavar="FILE", help="a JSON line for each change that was made")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="write a master's settings there")
    parser.add_argument("--master-port", type=int, default=8436)
    parser.add_argument("--interval", type=int, default=60, metavar="SECONDS", help="COLLECT_INTERVAL_SECONDS")
    parser.add_argument("--with-stdin", action="store_true", help="end when stdin ends")
    return parser.parse_args(arguments)


def master_settings(fleet: SimulatedFleet, options: argparse.Namespace) -> dict[str, Any]:
    """A master that reads all of them."""
    return {
        "ROLE": "master",
        "PORT": options.master_port,
        "COLLECT_INTERVAL_SECONDS": options.interval,
        "SLAVES": fleet.entries(),
    }


async def simulate(options: argparse.Namespace) -> None:
    """Serves until it is told to end."""
    fleet = SimulatedFleet(Wanted(options.hosts, options.users, options.devices, options.tls, options.log))
    fleet.set_pace(delay=options.delay, churn=options.churn)
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, ended.set)
    if options.with_stdin:
        loop.add_reader(sys.stdin, ended.set)
    try:
        await fleet.listen()
        await fleet.behave(options.failure_kind, fleet.spread(options.failing) if options.failing else [])
        control, connections = Control(fleet), set[Connection]()
        server = await loop.create_server(lambda: Connection(control, connections), "127.0.0.1", 0)
        if options.settings is not None:
            options.settings.write_text(json.dumps(master_settings(fleet, options)), encoding="utf-8")
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready = {"control": url, "hosts": options.hosts, "settings": str(options.settings or "")}
        print(json.dumps(ready), flush=True)
        await ended.wait()
    finally:
        fleet.close()


if __name__ == "__main__":
    asyncio.run(simulate(parse()))
