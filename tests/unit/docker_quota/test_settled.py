"""What is settled is not walked again; what may have been written into is, each time."""

import os
import shutil
from pathlib import Path

import pytest

from app.docker_quota.settled import Settled, may_settle
from app.docker_quota.walking import Account, Tally, TreeWalk

LATER_NS = 10**12
"""So that what the test has just made counts as made long before a walk."""
HOUR_NS = 3600 * 10**9
ONE, TWO = "1" * 64, "2" * 64


def account_of(path: Account) -> Account | None:
    if len(path) == 2 and path[0] == "overlay2":
        return ("overlay", path[1])
    return ("diff", path[1]) if len(path) == 3 and path[2] == "diff" else None


class Walks:
    """A store of two layers, and walks of it that share a memory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.now_ns = 0
        self.settled = Settled(lambda: self.now_ns)
        for name in (ONE, TWO):
            (root / "overlay2" / name / "diff" / "etc").mkdir(parents=True)
            self.write(name, "etc/hosts", 3)

    def write(self, name: str, file: str, pages: int) -> None:
        (self.root / "overlay2" / name / "diff" / file).write_bytes(b"x" * 4096 * pages)

    def walk(self, claimed: tuple[str, ...] = (ONE, TWO), *, later_ns: int = LATER_NS) -> Tally:
        """One walk, and whether it found what one without a memory does."""
        its, fresh = self._walked(self.settled), self._walked(Settled())
        assert its.bytes_of == fresh.bytes_of
        newest = max(path.lstat().st_ctime_ns for path in self.root.rglob("*"))
        self.settled.learn(its, claimed, newest + later_ns)
        return its

    def _walked(self, settled: Settled) -> Tally:
        remembered = settled.remembered()
        return TreeWalk(
            self.root, account_of, levels=3, mounts={}, may_settle=may_settle, remembered=remembered
        ).measure()


@pytest.fixture
def walks(tmp_path: Path) -> Walks:
    return Walks(tmp_path)


ALL, NONE = 8, 2
"""Directories that are walked: the root, `overlay2`, and three of each layer."""


def test_what_is_settled_is_walked_once(walks: Walks) -> None:
    assert [walks.walk().walked for _ in range(3)] == [ALL, NONE, NONE]


def test_what_is_mounted_is_walked_each_time(walks: Walks) -> None:
    (walks.root / "overlay2" / ONE / "merged").mkdir()
    assert [walks.walk().walked for _ in range(2)] == [ALL + 1, NONE + 4]


def test_what_was_mounted_since_is_walked(walks: Walks) -> None:
    walks.walk()
    (walks.root / "overlay2" / ONE / "merged").mkdir()
    walks.write(ONE, "etc/passwd", 5)
    (walks.root / "overlay2" / ONE / "merged").rmdir()
    assert [walks.walk().walked for _ in range(2)] == [NONE + 3, NONE]


def test_another_of_the_same_name_is_walked(walks: Walks) -> None:
    walks.walk()
    shutil.copytree(walks.root / "overlay2" / ONE, walks.root / "overlay2" / "new")
    shutil.rmtree(walks.root / "overlay2" / ONE)
    (walks.root / "overlay2" / "new").rename(walks.root / "overlay2" / ONE)
    walks.write(ONE, "etc/more", 2)
    assert walks.walk().walked == NONE + 3


def test_what_was_changed_just_now_may_change_again_unseen(walks: Walks) -> None:
    assert [walks.walk(later_ns=0).walked for _ in range(2)] == [ALL, ALL]


def test_what_was_not_complete_before_the_walk_is_walked_again(walks: Walks) -> None:
    assert [walks.walk((TWO,)).walked for _ in range(2)] == [ALL, NONE + 3]


def test_what_is_in_front_of_a_container_settles_with_it(walks: Walks) -> None:
    (walks.root / "overlay2" / ONE).rename(walks.root / "overlay2" / f"{TWO}-init")
    assert [walks.walk((TWO,)).walked for _ in range(2)] == [ALL, NONE]


def test_after_an_hour_all_is_walked(walks: Walks) -> None:
    walks.walk()
    walks.write(ONE, "etc/past-dockerd", 4)
    (walks.root / "overlay2" / ONE / "diff" / "etc" / "past-dockerd").unlink()
    walks.now_ns = HOUR_NS - 1
    assert walks.walk().walked == NONE
    walks.now_ns = HOUR_NS
    assert walks.walk().walked == ALL


def test_hard_links_inside_count_once_and_keep_it_settled(walks: Walks) -> None:
    os.link(walks.root / "overlay2" / ONE / "diff/etc/hosts", walks.root / "overlay2" / ONE / "diff/linked")
    assert [walks.walk().walked for _ in range(2)] == [ALL, NONE]


def test_hard_links_between_two_count_once_and_neither_settles(walks: Walks) -> None:
    os.link(walks.root / "overlay2" / ONE / "diff/etc/hosts", walks.root / "overlay2" / TWO / "diff/linked")
    assert [walks.walk().walked for _ in range(2)] == [ALL, ALL]


@pytest.mark.parametrize(("known", "new", "walked"), [(TWO, ONE, ALL + 1), (ONE, TWO, NONE + 4)])
def test_a_link_that_comes_later_counts_once(walks: Walks, known: str, new: str, walked: int) -> None:
    """Where it is met first; if that is elsewhere, what is settled is walked once more."""
    store = walks.root / "overlay2"
    os.link(store / known / "diff/etc/hosts", store / known / "diff/linked")
    walks.walk()
    (store / new / "merged").mkdir()
    os.link(store / known / "diff/linked", store / new / "diff/linked")
    assert walks.walk().walked == walked
