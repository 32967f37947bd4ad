"""P3, P4, P6 and the master's share of P11: a real master over a fake fleet, beside asking the slaves live."""

import http.client
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import requests

from app.auth.signatures import SlaveAuth
from app.settings.keys import SigningKey
from tests.bench.figures import Figure, figure, median_of, percentile
from tests.bench.fleet_process import FleetProcess
from tests.bench.processes import Server
from tests.system.stack.people import ALICE, CHARLIE, Person
from tests.system.stack.programs import free_port, wait_until
from tests.system.stack.settings import master, oauth, write_json

HOSTS, FEW_HOSTS, USERS, DEVICES = 50, 10, 50, 2
ADMIN_PAGES = ("/api/attention", "/api/rows?page_size=100")
REQUESTS, RUNS, VIEWERS = 80, 3, 8
FEWER_REQUESTS = 20
"""Of each viewer in a crowd, and for the page that has everything."""
INTERVAL_SECONDS = 10


class Running(NamedTuple):
    """A master that has read its whole fleet, and two people who are logged in there."""

    port: int
    server: Server
    fleet: FleetProcess
    admin: Person
    user: Person


@contextmanager
def running_master(folder: Path, hosts: int) -> Iterator[Running]:
    """Fills the database through the collector, from a fleet of so many hosts."""
    folder.mkdir()
    port, provider_port = free_port(), free_port()
    write_json(folder / "oauth.config.json", oauth(provider_port, port))
    with ExitStack() as stack:
        fleet = stack.enter_context(FleetProcess(folder, hosts=hosts, users=USERS))
        settings = master(port, fleet.entries, INTERVAL_SECONDS) | {"DATABASE_URL": f"sqlite:///{folder}/qman.sqlite"}
        provider_url = f"http://localhost:{provider_port}/.well-known/openid-configuration"
        provider = ("-m", "app.auth.mock_provider", "--port", str(provider_port), "--config", "oauth.mock.config.json")
        stack.enter_context(Server(folder, provider_url, *provider))
        server = stack.enter_context(Server(folder, f"http://127.0.0.1:{port}/api/health", "run.py", settings=settings))
        admin = Person(port, CHARLIE)
        wait_until(lambda: admin.get("/api/rows")["total"] == hosts * USERS * DEVICES, 120, "the first round")
        yield Running(port, server, fleet, admin, Person(port, ALICE))


class Viewer:
    """Somebody who asks for one page again and again over one connection, as a browser does."""

    def __init__(self, port: int, person: Person) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        cookie = "; ".join(f"{each.name}={each.value}" for each in person.session.cookies)
        self._headers = {"Cookie": cookie, "Accept-Encoding": "gzip"}
        self.size = 0

    def seconds(self, path: str) -> float:
        """How long one answer takes, to its last byte."""
        started = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        self.size = len(answer.read())
        assert answer.status == 200, f"{path}: {answer.status}"
        return time.perf_counter() - started


def p95_ms(running: Running, path: str, *, viewers: int = 1, person: Person | None = None) -> float:
    """A page's 95th percentile in milliseconds, with so many people who ask for it at once; the middle of some runs."""
    callers = [Viewer(running.port, person or running.admin) for _ in range(viewers)]
    requests_each = FEWER_REQUESTS if viewers > 1 or path == "/api/quotas" else REQUESTS

    def run() -> float:
        with ThreadPoolExecutor(viewers) as pool:
            parts = pool.map(lambda viewer: [viewer.seconds(path) for _ in range(requests_each)], callers)
            return percentile([seconds for part in parts for seconds in part], 0.95) * 1000

    run()
    return median_of(RUNS, run)


def live_fan_out_ms(entries: Sequence[dict[str, Any]]) -> float:
    """What a page would cost that asks every slave while somebody waits: 64 threads, one session, parsed."""
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", requests.adapters.HTTPAdapter(pool_connections=10, pool_maxsize=64))

    def read(entry: dict[str, Any]) -> object:
        auth = SlaveAuth(SigningKey.model_validate(entry["read_key"]))
        return session.get(f"{entry['url']}/remote-api/quotas", auth=auth, timeout=30).json()

    def run() -> float:
        started = time.perf_counter()
        with ThreadPoolExecutor(64) as pool:
            list(pool.map(read, entries))
        return (time.perf_counter() - started) * 1000

    run()
    return median_of(RUNS, run)


def name_of(path: str) -> str:
    """A page without its parameters."""
    return path.split("?", 1)[0]


def measure(folder: Path, wanted: Callable[[str], bool]) -> list[Figure]:
    """P3, P4, P6 and P11 of the master."""
    figures: list[Figure] = []
    with running_master(folder / "few", FEW_HOSTS) as few:
        few_ms = {path: p95_ms(few, path) for path in ADMIN_PAGES}
    with running_master(folder / "many", HOSTS) as many:
        fan_out = live_fan_out_ms(many.fleet.entries)
        alone = {path: p95_ms(many, path) for path in ADMIN_PAGES}
        for path, value in alone.items():
            page = f"master: {name_of(path)} at {HOSTS} hosts"
            figures.append(figure("P3", f"{page}, p95; beside: live fan-out", value, "ms", at_most=25, beside=fan_out))
            text = f"{page}, p95; beside: at {FEW_HOSTS} hosts"
            figures.append(figure("P3", text, value, "ms", beside=few_ms[path], ratio_at_most=1.5))
            crowd = p95_ms(many, path, viewers=VIEWERS)
            text = f"{page}, p95 with {VIEWERS} viewers; beside: alone"
            figures.append(figure("P3", text, crowd, "ms", at_most=80, beside=value))
        figures += my_quotas(many)
        memory = many.server.memory_mib()
        figures.append(figure("P11", f"master: memory at {HOSTS} hosts", memory, "MiB", at_most=150))
        if wanted("P4"):
            figures += with_hanging_hosts(many)
    return [each for each in figures if wanted(each.id)]


def my_quotas(running: Running) -> list[Figure]:
    """P6."""
    path = "/api/me/quotas"
    value = p95_ms(running, path, person=running.user)
    viewer = Viewer(running.port, running.user)
    viewer.seconds(path)
    rows = len(running.user.get(path)["items"])
    return [
        figure("P6", f"master: {path}, {rows} rows, p95", value, "ms", at_most=20),
        figure("P6", f"master: {path}, {rows} rows, gzip", viewer.size / 1000, "kB", at_most=20),
    ]


def with_hanging_hosts(running: Running) -> list[Figure]:
    """P4: the same pages, before and while a tenth of the hosts accepts and never answers."""
    hanging = [entry["id"] for entry in running.fleet.entries[:: HOSTS // 5][:5]]
    paths = (*ADMIN_PAGES, "/api/quotas", "/api/health")
    before = {path: p95_ms(running, path) for path in paths}
    running.fleet.behave("hang", hosts=hanging)
    noticed = lambda: all(running.admin.host(host)["problem"] for host in hanging)  # noqa: E731 - used once, below
    wait_until(noticed, 60, "the hanging hosts are noticed")
    after = {path: p95_ms(running, path) for path in paths}
    running.fleet.behave(None)
    text = f"with {len(hanging)} of {HOSTS} hosts hanging, p95; beside: without"
    return [
        figure("P4", f"master: {name_of(path)} {text}", after[path], "ms", beside=before[path], ratio_at_most=1.1)
        for path in paths
    ]
