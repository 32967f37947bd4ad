"""Which subvolumes are whose, and what they add up to."""

from collections.abc import Collection, Mapping

import pytest

from app.backends.btrfs.patterns import user_names
from app.backends.btrfs.reading import Reading, read_counted
from app.backends.btrfs.shares import quota_of, subvolumes_by_uid
from app.backends.btrfs.trees import Contents, Qgroup
from app.backends.mountinfo import Mount
from app.quota.errors import BackendError, DeviceUnavailableError
from app.quota.rules import MAX_ID

USERS = {"alice": 1000, "bob": 1001, "root": 0, "2024": 1002}
NAMES_IN = user_names(["{mount}/{user}"], [Mount(39, "/", "/home", (), "btrfs", "/dev/sdb", ())])


def uids_of(names: Collection[str]) -> Mapping[str, int | None]:
    return {name: USERS.get(name) for name in names}


def shares(owners: Mapping[str, int | None]) -> dict[int, list[str]]:
    """Whose each of these paths is, given who owns it."""
    paths = dict(enumerate(owners, 256))
    found = subvolumes_by_uid(paths, NAMES_IN, uids_of, lambda its: owners[paths[its]])
    return {uid: [paths[its] for its in subvolumes] for uid, subvolumes in found.items()}


def test_a_name_counts_more_than_the_owner() -> None:
    assert shares({"alice": 0, "bob": 1000}) == {1000: ["alice"], 1001: ["bob"]}


def test_a_name_of_nobody_is_its_owners() -> None:
    assert shares({"carol": 1003, "old-dave": 1004, "@snapshots": 0}) == {
        1003: ["carol"],
        1004: ["old-dave"],
        0: ["@snapshots"],
    }


def test_who_has_one_by_name_is_not_charged_for_those_of_another_name() -> None:
    assert shares({"alice": 1000, "alice-before-upgrade": 1000}) == {1000: ["alice"]}


def test_numbers_in_names() -> None:
    names = ["#1234", f"#{MAX_ID}", "2024"]
    assert shares(dict.fromkeys(names, 7)) == {1234: ["#1234"], MAX_ID: [f"#{MAX_ID}"], 1002: ["2024"]}


@pytest.mark.parametrize("name", ["1234", "#01234", f"#{MAX_ID + 1}", "#1234x", "#-1", "#", "#\u0661"])
def test_what_is_no_number_of_a_user_is_its_owners(name: str) -> None:
    assert shares({name: 7}) == {7: [name]}


def test_what_no_pattern_sees_and_what_is_gone_is_nobodys() -> None:
    assert shares({"alice/.snapshots/1": 1000, "gone": None}) == {}


def test_a_user_database_without_an_answer_is_no_answer() -> None:
    def unanswered(names: Collection[str]) -> Mapping[str, int | None]:
        raise BackendError("It does not answer.")

    with pytest.raises(BackendError):
        subvolumes_by_uid({256: "alice"}, NAMES_IN, unanswered, lambda _: 1000)


@pytest.mark.parametrize(
    ("qgroups", "kind", "used", "hard"),
    [
        ([], "referenced", 0, None),
        ([Qgroup(100, 40)], "referenced", 100, None),
        ([Qgroup(100, 40, 500, 300)], "referenced", 100, 500),
        ([Qgroup(100, 40, 500, 300)], "exclusive", 40, 300),
        ([Qgroup(100, 40, 500), Qgroup(10, 4, 50)], "referenced", 110, 550),
        ([Qgroup(100, 40, 500), Qgroup(10, 4)], "referenced", 110, None),
        ([Qgroup(100, 40, 0)], "referenced", 100, 1),
        ([Qgroup(100, 40, 500)], "exclusive", 40, None),
    ],
)
def test_figures_add_up(qgroups: list[Qgroup], kind: str, used: int, hard: int | None) -> None:
    quota = quota_of(1000, qgroups, "exclusive" if kind == "exclusive" else "referenced")
    assert (quota.block.used, quota.block.limits) == (used, (None, hard))
    assert quota.inode == (0, (None, None), None)


COUNTED = Reading(Contents({256: "alice"}, {256: Qgroup(100, 40)}), {1000: [256]})
UNCOUNTED = Reading(Contents({256: "alice", 257: "bob"}, {256: Qgroup(100, 40)}), {1000: [256], 1001: [257]})


def test_one_that_is_deleted_meanwhile_is_looked_for_again() -> None:
    looks = iter([UNCOUNTED, COUNTED])
    assert read_counted(lambda: next(looks), "/dev/sdb") is COUNTED


def test_one_that_is_not_counted_fails_and_is_never_left_out() -> None:
    with pytest.raises(
        DeviceUnavailableError, match="'bob' of /dev/sdb has no qgroup 0/257: `btrfs qgroup create 0/257`"
    ):
        read_counted(lambda: UNCOUNTED, "/dev/sdb")
