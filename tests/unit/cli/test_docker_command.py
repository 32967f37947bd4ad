"""`qman docker` on a host whose slave does not run: by its database alone."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.cli.__main__ import main
from app.cli.tables import ago, size
from app.db.engine import Database
from app.db.migrate import ensure_schema
from app.docker_quota.ledger import Holder, Ledger
from app.docker_quota.mock import MockDocker
from app.docker_quota.objects import ObjectKind
from app.quota.clock import utc_now
from app.quota.values import Limits

SECRET = "0123456789" * 5
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """The settings of the mock host with Docker, whose slave ran before."""
    file, url = tmp_path / "config.slave.json", f"sqlite:///{tmp_path}/slave.sqlite"
    key = {"id": "read", "secret": SECRET, "scope": "read"}
    settings = {"ROLE": "slave", "SLAVE_HOST_ID": "host4", "MOCK_QUOTA": True, "MOCK_HOST_ID": "host4"}
    file.write_text(json.dumps({**settings, "DATABASE_URL": url, "API_KEYS": [key]}))
    database = Database(url)
    ensure_schema(database)
    MockDocker(Ledger(database), utc_now, Holder("the slave", timedelta(seconds=20))).put()
    database.dispose()
    return file


def changed(file: Path, **settings: Any) -> Path:
    file.write_text(json.dumps({**json.loads(file.read_text()), **settings}))
    return file


class Said:
    """A command's exit status, what it printed, and its errors."""

    def __init__(self, capsys: pytest.CaptureFixture[str], file: Path) -> None:
        self._capsys = capsys
        self._file = file

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        status = main(["docker", *arguments, "--config", str(self._file)])
        printed = self._capsys.readouterr()
        return status, printed.out, printed.err

    def json(self, *arguments: str) -> Any:
        status, out, errors = self(*arguments, "--json")
        assert (status, errors) == (0, "")
        return json.loads(out)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], host: Path) -> Said:
    return Said(capsys, host)


def test_who_uses_what(said: Said) -> None:
    status, out, _ = said()
    head, bob, alice, charlie, total = out.splitlines()
    assert status == 0
    assert head.split() == [*("USER", "USED", "LIMIT", "CONTAINERS", "IMAGES", "VOLUMES", "BUILD", "CACHE", "PERHAPS")]
    assert bob.split()[:5] == ["bob", "8.0", "GiB", "15.0", "GiB"]
    assert (alice.split()[0], charlie.split()[:5]) == ("alice", ["charlie", "5.8", "GiB", "5.0", "GiB"])
    assert total.startswith("21.8 GiB of 100.0 GiB used, 2.0 GiB of it nobody's; measured just now")
    store = said.json()
    assert store["used_bytes"] == sum(each["used_bytes"] for each in store["shares"]) + store["unattributed_bytes"]
    assert {each["user"]: each["limit_bytes"] for each in store["shares"]}["charlie"] == 5 * 2**30


def test_objects_of_one_user_and_kind(said: Said) -> None:
    every = said.json("objects")
    assert {each["kind"] for each in every} == {"container", "image", "volume", "cache"}
    assert [each["bytes"] for each in every] == sorted((each["bytes"] for each in every), reverse=True)
    alices = said.json("objects", "--user", "alice")
    assert alices == said.json("objects", "--user", "1000") == said.json("objects", "--user", "#1000")
    assert {each["attribution"]["user"] for each in alices} == {"alice"}
    [jupyter] = said.json("objects", "--user", "alice", "--kind", "container")
    _, out, _ = said("objects", "--user", "alice", "--kind", "container")
    assert out.splitlines()[1].split()[:7] == [
        "1.0",
        "GiB",
        "container",
        jupyter["id"][:12],
        "jupyter",
        "alice",
        "certain",
    ]
    assert out.rstrip().endswith("ago")


def test_what_is_not_certain(said: Said) -> None:
    queue = said.json("review")
    assert queue
    assert "certain" not in {each["attribution"]["certainty"] for each in queue}
    assert "alice or bob" in said("review")[1]


@pytest.mark.parametrize("name", ["build-tmp", "6275696c642d"])
def test_an_admins_word_is_kept_and_counts_at_once(said: Said, name: str) -> None:
    before = {each["user"]: each["used_bytes"] for each in said.json()["shares"]}
    status, out, _ = said("attribute", "container", name, "alice", "--reason", "she said so")
    assert (status, out) == (0, "container build-tmp is alice's now\n")
    after = {each["user"]: each["used_bytes"] for each in said.json()["shares"]}
    assert (after["alice"] - before["alice"], after["bob"]) == (512 * 2**20, before["bob"])
    told = said.json("attribute", "container", name, "--nobody", "--reason", "an error")
    assert told["attribution"] == {
        "uid": None,
        "user": None,
        "method": "override",
        "certainty": "certain",
        "candidates": [],
    }
    assert [each["reason"] for each in told["history"]] == ["she said so", "an error"]
    assert all("@" in each["by"] for each in told["history"])


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("container", "none", "alice"), 'id: found "none", expected the id or name of a container that is there'),
        (("container", "7472", "alice"), 'id: found "7472", expected one container alone: 2 are called so'),
        (("container", "web", "mallory"), 'user: found "mallory", expected the name of a user of this host, or a uid'),
        (("container", "web", "99999999999"), 'uid: found "99999999999", expected'),
    ],
)
def test_what_is_not_there_is_said_and_nothing_kept(said: Said, arguments: tuple[str, ...], error: str) -> None:
    status, out, errors = said("attribute", *arguments, "--reason", "x")
    assert (status, out) == (1, "")
    assert error in errors
    assert said.json() == said.json()


def test_what_would_be_enforced(capsys: pytest.CaptureFixture[str], host: Path) -> None:
    """Also on a mock host; its limits come to the ledger with the first round of its worker."""
    assert Said(capsys, host)("enforce", "--dry-run") == (
        0,
        "Nothing: nobody is above their hard limit who was not dealt with.\n",
        "",
    )
    changed(host, DOCKER_QUOTA_GRACE_SECONDS=0, DOCKER_QUOTA_ENFORCEMENT_ACTION="stop")
    said, database = Said(capsys, host), Database(json.loads(host.read_text())["DATABASE_URL"])
    Ledger(database).set_limits(1002, Limits(None, 5 * 2**30))
    assert [(each["user"], each["type"], each["container"]) for each in said.json("enforce", "--dry-run")] == [
        ("charlie", "warn", None),
        ("charlie", "stop", {"id": b"postgres".hex().ljust(64, "0"), "name": "postgres"}),
    ]
    assert "stopped postgres, newest of charlie's 1, charlie at 5.8 of 5 GiB" in said("enforce", "--dry-run")[1]
    its = Ledger(database).entries()[ObjectKind.CONTAINER, b"postgres".hex().ljust(64, "0")]
    assert its.facts["state"] == "running"
    database.dispose()


def test_what_would_be_enforced_is_said_with_the_engine_down(capsys: pytest.CaptureFixture[str], host: Path) -> None:
    changed(host, MOCK_QUOTA=False, USE_DOCKER_QUOTA=True, DOCKER_HOST=f"unix://{host.parent}/no.sock")
    database = Database(json.loads(host.read_text())["DATABASE_URL"])
    Ledger(database).set_limits(1002, Limits(None, 5))
    database.dispose()
    said = Said(capsys, host)
    assert {each["uid"]: each["limit_bytes"] for each in said.json()["shares"]} == {1000: None, 1001: None, 1002: 5}
    assert said("enforce", "--dry-run") == (1, "", "qman: a round would do nothing: Docker's engine does not answer\n")


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"DATABASE_URL": "sqlite:////nowhere/slave.sqlite"}, "DATABASE_URL: /nowhere/slave.sqlite: found "),
        ({"MOCK_QUOTA": False}, "USE_DOCKER_QUOTA: found false, expected true"),
        ({"PORT": "x"}, "PORT"),
    ],
)
def test_wrong_settings_end_it(said: Said, host: Path, settings: dict[str, Any], error: str) -> None:
    changed(host, **settings)
    status, out, errors = said()
    assert (status, out) == (2, "")
    assert error in errors
    assert not Path("/nowhere").exists()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "just now"), (59, "just now"), (60, "1 minute ago"), (7199, "1 hour ago"), (3 * 86_400, "3 days ago")],
)
def test_ages(seconds: int, text: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == text


def test_sizes() -> None:
    assert [size(each) for each in (None, 0, 1023, 1024, 3 * 2**29, 2**40)] == [
        *("-", "0 B", "1023 B", "1.0 KiB", "1.5 GiB", "1.0 TiB")
    ]
