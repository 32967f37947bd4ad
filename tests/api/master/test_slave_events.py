"""Hosts tell what happened there: signed, each for itself, as often as they like, and it is shown once."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests

from app.auth.signatures import SlaveAuth
from app.bootstrap.enforcement import find_receiver
from app.db.engine import Database
from app.db.repositories.docker_enforcement import DockerOutboxRepository, StoredEvent
from app.settings.keys import SigningKey
from app.slave.event_delivery import EventDelivery, Receiver
from tests.bench.simulator.certificates import Authority
from tests.fakes.enforcing import GRACE, Enforced, events_of
from tests.fakes.people import MasterWithPeople
from tests.fakes.served_master import ServedApp
from tests.fakes.slave_app import slave_settings
from tests.fakes.slaves import FleetOfSlaves

KEY = SigningKey.model_validate({"id": "host1-events", "secret": "events-of-host1-0123456789-0123456789"})
OTHER = SigningKey.model_validate({"id": "h2-events", "secret": "events-of-h2-0123456789-0123456789-0"})
PATH = "/api/internal/slave-events"


@pytest.fixture
def master(tmp_path: Path, slaves: FleetOfSlaves, database: Database) -> Iterator[MasterWithPeople]:
    """One that has the keys of two hosts."""
    keys = [
        {"host": host, "id": key.id, "secret": key.secret.get_secret_value()}
        for host, key in (("host1", KEY), ("h2", OTHER))
    ]
    made = MasterWithPeople(tmp_path, slaves.entries(), database=database, SLAVE_EVENT_KEYS=keys)
    yield made
    made.close()


@pytest.fixture
def url(master: MasterWithPeople) -> Iterator[str]:
    with ServedApp(master.master.app) as served:
        yield served.url + PATH


def event(number: int = 1, **changes: Any) -> dict[str, Any]:
    made = {
        "id": str(UUID(int=number)),
        "host": "host1",
        "type": "docker.container_stopped",
        "occurred_at": "2026-11-21T12:00:00Z",
        "device": "docker",
        "uid": 1000,
        "user": "alice",
        "container": {"id": "c" * 64, "name": "web-3"},
        "used_bytes": 2**40,
        "limit_bytes": 2**30,
        "explanation": "stopped web-3, newest of alice's 4",
    }
    return {**made, **changes}


class Teller:
    """Tells a master, at the master's own time."""

    def __init__(self, master: MasterWithPeople, url: str) -> None:
        self._master, self.url = master, url

    def tell(self, *events: object, key: SigningKey = KEY) -> requests.Response:
        auth = SlaveAuth(key, self._master.clock)
        return requests.post(self.url, json={"events": events}, auth=auth, timeout=10)

    def shown(self, filters: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._master.log_in("charlie", is_admin=True).json(
            f"/api/admin/docker/events?{filters}"
        )["items"]
        return found


@pytest.fixture
def teller(master: MasterWithPeople, url: str) -> Teller:
    return Teller(master, url)


def test_what_is_told_twice_is_accepted_twice_and_shown_once(teller: Teller) -> None:
    told = [event(1), event(2, type="docker.warned", container=None, new_member=1)]
    for _ in range(2):
        response = teller.tell(*told)
        assert (response.status_code, response.json()) == (200, {"accepted": [each["id"] for each in told]})
    shown = teller.shown()
    assert [each["id"] for each in shown] == [each["id"] for each in reversed(told)]
    assert shown[1].pop("received_at")
    assert shown[1] == event(1)


def test_events_of_one_second_stand_in_the_order_in_which_they_were_made(
    master: MasterWithPeople, teller: Teller
) -> None:
    """Whatever their ids are: within a call, and from one call to the next."""
    for numbers in ((7, 2, 9), (1, 8, 3)):
        teller.tell(*(event(number) for number in numbers))
        master.clock.forward(1)
    teller.tell(event(5, occurred_at="2026-11-21T11:59:59Z"))
    assert [UUID(each["id"]).int for each in teller.shown()] == [3, 8, 1, 9, 2, 7, 5]


def test_the_list_is_filtered_and_the_newest_is_first(teller: Teller) -> None:
    teller.tell(event(1), event(2, occurred_at="2026-11-21T13:00:00Z", user="bob"), event(3, type="area.full"))
    teller.tell(event(1, host="h2", type="docker.warned"), key=OTHER)
    assert [(each["host"], each["user"]) for each in teller.shown("host=host1")] == [
        ("host1", "bob"),
        ("host1", "alice"),
    ]
    assert [each["host"] for each in teller.shown("type=docker.warned")] == ["h2"]
    assert len(teller.shown("until=2026-11-21T13:00:00Z")) == 2
    assert [each["user"] for each in teller.shown("user=bob")] == ["bob"]


@pytest.mark.parametrize(
    ("told", "key", "status"),
    [
        (event(), OTHER, 401),
        (event(host="nobody"), KEY, 401),
        (event(), SigningKey.model_validate({"id": KEY.id, "secret": "wrong" * 10}), 401),
        (event(id="1"), KEY, 422),
        (event(occurred_at="2026-11-21T12:00:00"), KEY, 422),
        (event(used_bytes=-1), KEY, 422),
        (event(explanation="\0"), KEY, 422),
    ],
)
def test_what_is_refused_leaves_no_trace(teller: Teller, told: dict[str, Any], key: SigningKey, status: int) -> None:
    assert teller.tell(told, key=key).status_code == status
    assert teller.shown() == []


def test_a_host_speaks_for_itself_alone_and_for_100_at_once(teller: Teller) -> None:
    assert teller.tell(event(1), event(2, host="h2")).status_code == 422
    assert teller.tell(*(event(number) for number in range(101))).status_code == 422
    assert teller.tell().status_code == 422
    assert teller.tell(*(event(number) for number in range(100))).status_code == 200
    assert len(teller.shown("page_size=500")) == 100


def test_only_admins_see_them(master: MasterWithPeople, teller: Teller) -> None:
    teller.tell(event())
    assert master.log_in("user1003").get("/api/admin/docker/events").status_code == 403
    assert master.nobody().get("/api/admin/docker/events").status_code == 401
    assert requests.post(teller.url, json={"events": [event()]}, timeout=10).status_code == 401


def test_the_outbox_reaches_the_list_in_order_and_once(
    master: MasterWithPeople, url: str, teller: Teller, tmp_path: Path
) -> None:
    (tmp_path / "slave").mkdir()
    it = Enforced(tmp_path / "slave")
    for name in ("web-1", "web-2"):
        it.container(name)
    it.after(0)
    it.after(GRACE)
    with it.database.write() as connection:
        DockerOutboxRepository(connection).add(StoredEvent("no-uuid", '{"id": "no-uuid"}', it.clock(), "queued"))
    it.kept.ledger.set_limits(1000, it.kept.ledger.account()[2][1000]._replace(hard=None))
    it.after(1)
    gone = EventDelivery(it.database, lambda: Receiver("http://127.0.0.1:9" + PATH, KEY), master.clock)
    assert gone.deliver() == "waiting"
    delivery = EventDelivery(it.database, lambda: Receiver(url, KEY), master.clock)
    assert delivery.deliver() == "ok"
    told = events_of(it.database, "delivered")
    assert [each["type"] for each in told] == ["docker.warned", "docker.container_stopped", "docker.back_below"]
    assert [each["id"] for each in reversed(teller.shown())] == [each["id"] for each in told]
    with it.database.write() as connection:
        rows = DockerOutboxRepository(connection)
        [parked] = rows.events("parked", most=9)
        assert parked.problem is not None
        assert parked.problem.startswith("status 422: The body is not as expected.")
        rows.set_state([each["id"] for each in told], "queued")
    assert delivery.deliver() == "ok"  # as one that was killed before it knew
    assert len(teller.shown()) == 3
    assert EventDelivery(it.database, lambda: None, master.clock).deliver() == "no_master"


def test_a_wrong_clock_parks_nothing(master: MasterWithPeople, url: str, tmp_path: Path) -> None:
    (tmp_path / "slave").mkdir()
    it = Enforced(tmp_path / "slave")
    it.container("web-1")
    it.container("web-2")
    it.after(0)
    wrong = EventDelivery(it.database, lambda: Receiver(url, KEY), lambda: master.clock() - timedelta(hours=1))
    assert wrong.deliver() == "waiting"
    assert len(events_of(it.database, "queued")) == 1


def test_by_https_the_masters_certificate_is_of_the_authority_that_the_settings_name(
    master: MasterWithPeople, tmp_path: Path
) -> None:
    own, other = Authority(tmp_path, "own"), Authority(tmp_path, "other")
    (tmp_path / "slave").mkdir()
    it = Enforced(tmp_path / "slave")
    it.container("web-1")
    it.container("web-2")
    it.after(0)
    with ServedApp(master.master.app, own.context_for("127.0.0.1")) as served:
        for ca_file, outcome in ((None, "waiting"), (other.ca_file, "waiting"), (own.ca_file, "ok")):
            told = {"MASTER_EVENT_CALLBACK_URL": served.url + PATH, "MASTER_EVENT_CALLBACK_SECRET": KEY.secret}
            authority = None if ca_file is None else str(ca_file)
            settings = slave_settings(**told, MASTER_EVENT_CALLBACK_CA_FILE=authority)
            delivery = EventDelivery(it.database, partial(find_receiver, settings, master.clock), master.clock)
            assert delivery.deliver() == outcome
    assert len(events_of(it.database, "delivered")) == 1
