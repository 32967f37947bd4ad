"""P3, P4, P5, P6 and the master's share of P11: a real master over a simulated fleet, beside asking the slaves live."""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import requests

from app.auth.signatures import SlaveAuth
from app.settings.keys import SigningKey
from tests.bench import collecting
from tests.bench.collecting import DEAD_SHARE, Rounds
from tests.bench.figures import Figure, figure, median_of
from tests.bench.fleet_process import FleetProcess
from tests.bench.processes import Server
from tests.bench.viewers import Seen, look
from tests.fakes.ports import free_port
from tests.system.stack.people import ALICE, CHARLIE, Person
from tests.system.stack.programs import wait_until
from tests.system.stack.settings import master, oauth, write_json

HOSTS, FEW_HOSTS, USERS, DEVICES = 1000, 10, 50, 2
DELAY_SECONDS = 0.05
ADMIN_PAGES = ("/api/attention", "/api/rows?page_size=100")
OTHER_PAGES = ("/api/hosts", "/api/overview", "/api/quotas?host=h1", "/api/health")
VIEWERS, REQUESTS_IN_A_CROWD = 8, 20
RUNS = 3
TURNS = 5
INTERVAL_SECONDS = 60


class Running(NamedTuple):
    """A master that has read its whole fleet once, and two people who are logged in there."""

    port: int
    server: Server
    fleet: FleetProcess
    rounds: Rounds
    first_round_seconds: float
    admin: Person
    user: Person

    def look(self, path: str, *, person: Person | None = None, **how: int) -> Seen:
        """What people see who look at a page; an admin where nobody is named."""
        cookies = (person or self.admin).session.cookies
        return look(self.port, "; ".join(f"{each.name}={each.value}" for each in cookies), path, **how)


@contextmanager
def running_master(folder: Path, hosts: int) -> Iterator[Running]:
    """Fills the database through the collector, from a fleet of so many hosts."""
    folder.mkdir()
    port, provider_port = free_port(), free_port()
    write_json(folder / "oauth.config.json", oauth(provider_port, port))
    with ExitStack() as stack:
        fleet = stack.enter_context(FleetProcess(folder, hosts=hosts, users=USERS, delay=DELAY_SECONDS))
        database = folder / "qman.sqlite"
        settings = master(port, fleet.entries, INTERVAL_SECONDS) | {"DATABASE_URL": f"sqlite:///{database}"}
        provider_url = f"http://localhost:{provider_port}/.well-known/openid-configuration"
        provider = ("-m", "app.auth.mock_provider", "--port", str(provider_port), "--config", "oauth.mock.config.json")
        stack.enter_context(Server(folder, provider_url, *provider))
        server = stack.enter_context(Server(folder, f"http://127.0.0.1:{port}/api/health", "run.py", settings=settings))
        rounds = Rounds(database, fleet, server, hosts)
        say(f"a master reads {hosts:,} hosts for the first time")
        first = rounds.first_seconds()
        yield Running(port, server, fleet, rounds, first, Person(port, CHARLIE), Person(port, ALICE))


def live_fan_out_ms(entries: Sequence[dict[str, Any]]) -> float:
    """What a page would cost that asks every slave while somebody waits: 64 threads, one session, parsed."""
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", requests.adapters.HTTPAdapter(pool_connections=len(entries), pool_maxsize=64))

    def read(entry: dict[str, Any]) -> object:
        auth = SlaveAuth(SigningKey.model_validate(entry["read_key"]))
        return session.get(f"{entry['url']}/remote-api/quotas", auth=auth, timeout=30).json()

    def run() -> float:
        started = perf_counter()
        with ThreadPoolExecutor(64) as pool:
            list(pool.map(read, entries))
        return (perf_counter() - started) * 1000

    run()
    found = median_of(RUNS, run)
    session.close()
    return found


def say(text: str) -> None:
    """What is under way: on a busy machine all this takes long."""
    print(f"… {text}", file=sys.stderr, flush=True)


def name_of(path: str) -> str:
    """A page without its parameters."""
    return path.split("?", 1)[0]


def measure(folder: Path, wanted: Callable[[str], bool]) -> list[Figure]:
    """P3, P4, P5, P6 and P11 of the master."""
    figures: list[Figure] = []
    with ExitStack() as stack:
        few = stack.enter_context(running_master(folder / "few", FEW_HOSTS)) if wanted("P3") else None
        running = stack.enter_context(running_master(folder / "many", HOSTS))
        if wanted("P5"):
            text = f"collector: the first round over {HOSTS:,} hosts that answer in 50 ms"
            figures.append(figure("P5", text, running.first_round_seconds, "s", at_most=5))
        if few is not None:
            figures += pages(running, few)
        if wanted("P6"):
            figures += my_quotas(running)
        if wanted("P5"):
            say("rounds without a change")
            figures += collecting.unchanged(running.rounds)
        if wanted("P4") or wanted("P5"):
            figures += with_dead_hosts(running, (*ADMIN_PAGES, *OTHER_PAGES) if wanted("P4") else ())
        memory = running.server.memory_mib()
        figures.append(figure("P11", f"master: memory at {HOSTS:,} hosts, after all this", memory, "MiB", at_most=150))
    return [each for each in figures if wanted(each.id)]


def pages(running: Running, few: Running) -> list[Figure]:
    """P3. Both masters take turns, so that what disturbs one disturbs the other."""
    figures = []
    say("live fan-out, and the pages of admins")
    fan_out = live_fan_out_ms(running.fleet.entries)
    rounds = [(looks(running, ADMIN_PAGES, 1), looks(few, ADMIN_PAGES, 1)) for _ in range(TURNS)]
    for path in ADMIN_PAGES:
        page = f"master: {name_of(path)} at {HOSTS:,} hosts, p95"
        alone, at_few = (median(each[path] for each in its) for its in zip(*rounds, strict=True))
        crowd = running.look(path, viewers=VIEWERS, requests=REQUESTS_IN_A_CROWD).middle_ms
        figures += [
            figure("P3", f"{page}; beside: live fan-out", alone, "ms", at_most=25, beside=fan_out),
            figure("P3", f"{page}; beside: at {FEW_HOSTS} hosts", alone, "ms", beside=at_few, ratio_at_most=1.5),
            figure("P3", f"{page} with {VIEWERS} viewers; beside: alone", crowd, "ms", at_most=80, beside=alone),
        ]
    return figures


def my_quotas(running: Running) -> list[Figure]:
    """P6, for somebody who has an account on every host."""
    say("my quotas")
    path = "/api/me/quotas"
    seen = running.look(path, person=running.user)
    total = running.user.get(path)["total"]
    text = f"master: {path}, the first page of {total:,} rows"
    return [
        figure("P6", f"{text}, p95", seen.middle_ms, "ms", at_most=20),
        figure("P6", f"{text}, gzip", seen.size / 1000, "kB", at_most=20),
    ]


def with_dead_hosts(running: Running, paths: Sequence[str]) -> list[Figure]:
    """P5 with the dead, and P4: these pages before, while and after a tenth of the hosts is black-holed."""
    say("pages and rounds with the dead")
    before = looks(running, paths)
    running.fleet.behave("black_hole", share=DEAD_SHARE)
    figures = collecting.with_dead(running.rounds)
    dead = round(DEAD_SHARE * HOSTS)
    wait_until(lambda: hosts_in_need(running) >= dead, 60, "the dead are noticed")
    during = looks(running, paths)
    running.fleet.behave(None)
    if paths:
        running.rounds.forced()
        wait_until(lambda: hosts_in_need(running) == 0, 60, "the dead are back")
    after = looks(running, paths)
    text = f"with {dead} of {HOSTS:,} hosts black-holed, p95; beside: before and after"
    return figures + [
        figure("P4", f"master: {name_of(path)} {text}", during[path], "ms", beside=without, ratio_at_most=1.1)
        for path in paths
        for without in [(before[path] + after[path]) / 2]
    ]


def looks(running: Running, paths: Sequence[str], turns: int = TURNS) -> dict[str, float]:
    """What people see of each page. The pages take turns, so that what disturbs one disturbs all."""
    rounds = [{path: running.look(path, runs=1).middle_ms for path in paths} for _ in range(turns)]
    return {path: median(each[path] for each in rounds) for path in paths}


def hosts_in_need(running: Running) -> int:
    """How many hosts do not answer, as the overview has it."""
    counted: int = running.admin.get("/api/attention")["counts"]["hosts"]
    return counted
