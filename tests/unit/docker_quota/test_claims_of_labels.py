"""Whom a label names: by name, by number, and when names and uids go to other people."""

from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

from app.docker_quota.attribution.evidence import claimant, uid_in
from app.docker_quota.objects import ObjectKind, Volume
from app.docker_quota.values import Candidate
from tests.fakes.docker_ledger import USERS, KeptLedger

CONTAINER, IMAGE, VOLUME = ObjectKind.CONTAINER, ObjectKind.IMAGE, ObjectKind.VOLUME


class Users:
    """A user database that changes; `silent` ones it does not answer for."""

    def __init__(self) -> None:
        self.uids = dict(USERS)
        self.silent: set[int] = set()

    def uids_of(self, names: Collection[str]) -> Mapping[str, int | None]:
        return {name: self.uids.get(name) for name in names}

    def names_of(self, uids: Collection[int]) -> Mapping[int, str | None]:
        by_id = {uid: name for name, uid in self.uids.items()}
        return {uid: by_id.get(uid) for uid in uids if uid not in self.silent}


class Host:
    """A ledger with its users."""

    def __init__(self, directory: Path) -> None:
        self.users = Users()
        self.kept = KeptLedger(directory, uids_of=self.users.uids_of, names_of=self.users.names_of)
        assert self.kept.look() == "ok"

    def labelled(self, name: str) -> str:
        its = self.kept.engine.add_container("web", labels={"qman.user": name})
        assert self.kept.look() == "ok"
        return its

    def whose(self, its: str, kind: ObjectKind = CONTAINER) -> tuple[int | None, str | None, str, str]:
        assert self.kept.look() == "ok"
        found = self.kept.entry(kind, its).attribution
        return found.uid, found.user, found.method.value, found.certainty.value


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_a_number_is_a_uid_with_or_without_a_name(host: Host) -> None:
    assert host.whose(host.labelled("5000")) == (5000, None, "label", "claimed")
    assert host.whose(host.labelled("1001")) == (1001, "bob", "label", "claimed")


def test_who_is_called_like_a_number_is_meant_by_it(host: Host) -> None:
    host.users.uids["5000"] = 1234
    assert host.whose(host.labelled("5000")) == (1234, "5000", "label", "claimed")


@pytest.mark.parametrize("name", ["nobody-of-this-host", "-1", "+5", "05", "5 ", "٥", "1e3", str(2**32 - 1), "9" * 200])
def test_what_names_nobody_claims_nothing(host: Host, name: str) -> None:
    assert host.whose(host.labelled(name)) == (None, None, "none", "unknown")


def test_a_deleted_users_things_stay_theirs_until_the_uid_is_anothers(host: Host) -> None:
    its = host.labelled("alice")
    volume = host.kept.engine.add_volume("data", labels={"qman.user": "alice"})
    image = host.kept.engine.add_image("alices", f"sha256:{'a' * 64}", labels={"qman.user": "alice"})
    host.kept.look()
    del host.users.uids["alice"]
    for kind, each in ((CONTAINER, its), (IMAGE, image), (VOLUME, volume)):
        assert host.whose(each, kind) == (1000, "alice", "label", "claimed")
    host.users.uids["dave"] = 1000
    for _ in range(2):
        for kind, each in ((CONTAINER, its), (IMAGE, image), (VOLUME, volume)):
            assert host.whose(each, kind) == (None, "alice", "label", "unknown")
    assert host.whose(host.labelled("alice")) == (None, None, "none", "unknown"), "what came later never was hers"
    host.users.uids.pop("dave")
    assert host.whose(its) == (1000, "alice", "label", "claimed")


def test_the_next_owner_of_a_uid_has_nothing_that_is_labelled_with_the_number(host: Host) -> None:
    host.users.uids["carol"] = 5000
    its, nameless = host.labelled("5000"), host.labelled("6000")
    del host.users.uids["carol"]
    host.users.uids |= {"dave": 5000, "erin": 6000}
    for _ in range(2):
        assert host.whose(its) == (None, "carol", "label", "unknown")
    assert host.whose(nameless) == (6000, "erin", "label", "claimed"), "without a name there is nothing to compare"


def test_a_name_that_nobody_tells_yet_is_kept_when_it_is_told(host: Host) -> None:
    host.users.uids["carol"] = 5000
    host.users.silent = {5000}
    its = host.labelled("5000")
    assert host.whose(its) == (5000, None, "label", "claimed")
    host.users.silent = set()
    assert host.whose(its) == (5000, "carol", "label", "claimed")
    host.users.silent = {5000}
    assert host.whose(its) == (5000, "carol", "label", "claimed")


def test_a_name_with_another_uid_is_that_uids(host: Host) -> None:
    its = host.labelled("alice")
    host.users.uids["alice"] = 2000
    assert host.whose(its) == (2000, "alice", "label", "claimed")


def test_another_volume_of_the_name_has_no_claim_of_the_last(host: Host) -> None:
    volume = host.kept.engine.add_volume("data", labels={"qman.user": "alice"})
    host.kept.look()
    del host.users.uids["alice"]
    made = host.kept.engine.volumes[volume]
    host.kept.engine.volumes[volume] = Volume("data", "local", made.created_at + 100, made.labels)
    assert host.whose(volume, VOLUME) == (None, None, "none", "unknown")


def test_without_a_claim_what_was_kept_says_nothing() -> None:
    assert claimant(None, {}, {}, Candidate(1, "a")) is None
    assert [uid_in(text) for text in ("0", "4294967294", "4294967295", "")] == [0, 2**32 - 2, None, None]
