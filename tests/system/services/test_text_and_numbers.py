"""Texts and numbers that databases treat differently: each is stored, found, sorted or refused alike on both."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from app.db.engine import Database
from app.db.migrate import ensure_schema
from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.slaves import FleetOfSlaves

pytestmark = pytest.mark.services

LARGEST_UID = 2**32 - 2
PATH = "/api/quotas/h1/users/1003?device=/dev/sda1"


class Host:
    """A host whose rows are set by hand."""

    def __init__(self, slaves: FleetOfSlaves, master: MasterWithPeople) -> None:
        self._slaves = slaves
        self.master = master
        self.admin = master.log_in("charlie", is_admin=True)
        self.good = deepcopy(slaves._devices["h1"][0]["user_quotas"])

    def shows(self, row: int, **members: Any) -> None:
        """Changes a row of its first device, and has it read."""
        self._slaves._devices["h1"][0]["user_quotas"][row].update(members)
        self.is_read()

    def shows_device(self, **members: Any) -> None:
        self._slaves._devices["h1"][0].update(members)
        self.is_read()

    def is_read(self) -> None:
        self._slaves._bodies.clear()
        self.master.clock.forward(60)
        self.master.collect()

    def names(self, query: str) -> list[str]:
        return [row["name"] for row in self.admin.json(f"/api/rows?device=/dev/sda1&page_size=500&{query}")["items"]]

    @property
    def problem(self) -> str | None:
        problem = self.admin.json("/api/hosts/h1")["problem"]
        return None if problem is None else str(problem["code"])


@pytest.fixture
def host(database: Database, tmp_path: Path) -> Iterator[Host]:
    ensure_schema(database)
    with FleetOfSlaves(hosts=1, users=6, devices=2) as slaves:
        master = MasterWithPeople(tmp_path, slaves.entries(), database=database)
        master.collect()
        yield Host(slaves, master)
        master.close()


NAMES = [
    ("Émile", "%C3%A9MILE"),
    ("straße_1", "STRASSE_1".replace("SS", "%C3%9F")),
    ("ЖУК", "%D0%B6%D1%83%D0%BA"),
    ("漢字", "%E6%BC%A2"),
    ("50%_off/a", "%25_OFF/A"),
    ("back\\slash", "%5CSLASH"),
    ("o'hara\"; --", "O'HARA%22;"),
]


def test_a_name_is_found_whatever_its_case_and_as_it_stands(host: Host) -> None:
    for name, words in NAMES:
        host.shows(0, name=name)
        assert host.names(f"q={words}") == [name]


def test_signs_of_sql_are_letters_like_others(host: Host) -> None:
    for words in ("%25", "_", "user1003%25", "%5C", "u_er"):
        assert host.names(f"q={words}") == [], words


def test_the_largest_numbers_are_stored_and_sorted(host: Host) -> None:
    large = {"block_current": 2**63 - 1, "block_hard_limit": 2**43, "inode_hard_limit": 2**63}
    host.shows(0, uid=LARGEST_UID, name="largest", **large)
    (row,) = host.admin.json("/api/rows?q=largest&sort=-id")["items"]
    assert (row["id"], row["block_current"], row["block_hard_limit"]) == (LARGEST_UID, 2**63 - 1, 2**43)
    assert row["inode_hard_limit"] == 2**53 - 1
    for field in ("id", "block_current", "block_hard_limit", "inode_hard_limit", "percent"):
        assert host.names(f"sort=-{field}")[0] == "largest", field


UNKEEPABLE: tuple[dict[str, Any], ...] = (
    {"name": "nul\0"},
    {"block_current": 2**63},
    {"block_time_limit": -(2**63) - 1},
    {"inode_current": 10**400},
)


def test_a_host_whose_figures_cannot_be_kept_answers_garbage_and_keeps_the_last(host: Host) -> None:
    before = host.names("")
    for row, wrong in enumerate(UNKEEPABLE):
        host.shows(row, **wrong)
        assert host.problem == "garbage", wrong
        assert host.names("") == before
        host.shows(row, **host.good[row])
        assert host.problem is None


def test_a_device_without_a_finite_percentage_is_garbage(host: Host) -> None:
    for value in (float("nan"), float("inf")):
        host.shows_device(usage={"free": 0, "used": 0, "total": 0, "percent": value})
        assert host.problem == "garbage"


def test_a_name_that_is_too_long_is_cut_off(host: Host) -> None:
    host.shows(0, name="n" * 300)
    assert host.problem is None
    assert host.names("q=nnnn") == ["n" * 256]
    answer = host.admin.send("PUT", PATH.replace("1003", "1000"), {"block_hard_limit": 5})
    assert answer.status_code == 200
    assert host.admin.json("/api/admin/audit")["items"][0]["target_name"] == "n" * 256


REFUSED: list[tuple[str, str, Any]] = [
    ("GET", "/api/rows?q=a%00b", None),
    ("GET", "/api/rows?host=%00", None),
    ("GET", "/api/people?q=%00", None),
    ("GET", "/api/admin/audit?target=%00", None),
    ("GET", "/api/hosts/h%00", None),
    ("GET", "/api/quotas/h1/users/1003?device=%00", None),
    ("PUT", "/api/quotas/h1/users/1003?device=%00", {"block_hard_limit": 5}),
    ("PUT", PATH, {"block_hard_limit": 5, "reason": "a\0b"}),
    ("POST", "/api/quotas/h1/batch", {"device": "/dev/sda1\0", "ids": [1003], "limits": {"block_hard_limit": 5}}),
    ("DELETE", "/api/admin/mappings/%00", None),
]


def test_a_nul_character_is_refused_wherever_it_comes(host: Host) -> None:
    for method, path, body in REFUSED:
        answer = host.admin.get(path) if method == "GET" else host.admin.send(method, path, body)
        assert answer.status_code in {404, 422}, (path, answer.get_data(as_text=True))
    assert host.admin.json("/api/admin/audit")["total"] == 0


def test_what_looks_like_a_nul_character_is_none(host: Host) -> None:
    reason = "the sign \\u0000 is written like that"
    assert host.admin.send("PUT", PATH, {"block_hard_limit": 5, "reason": reason}).status_code == 200
    assert host.admin.json("/api/admin/audit")["items"][0]["reason"] == reason


def test_what_is_not_there_is_less_than_everything(host: Host) -> None:
    person = host.master.log_in("user1003")
    mapping = {"person": person.person_id, "host": "h1", "username": "user1004"}
    assert host.admin.send("POST", "/api/admin/mappings", mapping).status_code == 201
    assert host.admin.send("PUT", PATH, {"block_hard_limit": 5}).status_code == 200
    for sign, expected in (("", [None, "/dev/sda1"]), ("-", ["/dev/sda1", None])):
        entries = host.admin.json(f"/api/admin/audit?sort={sign}device")["items"]
        assert [entry["device"] for entry in entries] == expected


def test_words_of_people_are_sorted_and_found(host: Host) -> None:
    people: list[LoggedIn] = [host.master.log_in(name) for name in ("Zoë", "anna", "Bob")]
    assert len(people) == 3
    found = host.admin.json("/api/people?q=ZO%C3%8B")["items"]
    assert [person["name"] for person in found] == ["Zoë"]
