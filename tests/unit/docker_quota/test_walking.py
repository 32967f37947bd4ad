"""The walk finds what du finds, in trees that are sparse, linked, deep, mounted over, or changing."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from app.docker_quota.mounts import Tree, mounts_below
from app.docker_quota.walking import Account, Tally, TreeWalk
from app.quota.errors import DeviceUnavailableError

PAGE = 4096


def by_top(path: Account) -> Account | None:
    return path if len(path) == 1 else None


def walk(root: Path, mounts: Tree | None = None, account_of: Callable[[Account], Account | None] = by_top) -> Tally:
    return TreeWalk(root, account_of, levels=3, mounts=mounts or {}).measure()


def du(root: Path) -> int:
    return int(subprocess.run(["du", "-sx", "-B1", root], check=True, capture_output=True, text=True).stdout.split()[0])


def filled(file: Path, pages: int) -> Path:
    file.write_bytes(b"x" * PAGE * pages)
    return file


def test_a_random_tree_is_what_du_says(tmp_path: Path) -> None:
    random, folders = Random(7), [tmp_path]  # noqa: S311 - a tree, no secret
    files: list[Path] = []
    for number in range(300):
        place = random.choice(folders)
        match random.randrange(5):
            case 0:
                folders.append(place / f"d{number}")
                folders[-1].mkdir()
            case 1 if files:
                os.link(random.choice(files), place / f"l{number}")
            case 2:
                (place / f"s{number}").symlink_to(random.choice(folders))
            case 3:
                files.append(place / f"sparse{number}")
                files[-1].touch()
                os.truncate(files[-1], 2**30)
            case _:
                files.append(filled(place / f"f{number}", random.randrange(20)))
    tally = walk(tmp_path)
    assert tally.total == du(tmp_path)
    assert tally.vanished == 0


def test_a_sparse_file_counts_by_its_blocks(tmp_path: Path) -> None:
    empty = walk(tmp_path).total
    os.truncate(filled(tmp_path / "sparse", 1), 2**40)
    assert walk(tmp_path).total - empty == PAGE


def test_a_hard_link_counts_once_and_where_it_is_met_first(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
    before = walk(tmp_path)
    filled(tmp_path / "b" / "file", 10)
    os.link(tmp_path / "b" / "file", tmp_path / "a" / "file")
    tally = walk(tmp_path)
    assert tally.total - before.total == 10 * PAGE
    assert tally.bytes_of[("a",)] - before.bytes_of[("a",)] == 10 * PAGE


def test_what_a_path_cannot_name_is_counted(tmp_path: Path) -> None:
    """A container can make directories inside each other until their path is longer than any system call takes."""
    deep = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1000):
        os.mkdir("directory", dir_fd=deep)
        inner = os.open("directory", os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = inner
    file = os.open("file", os.O_WRONLY | os.O_CREAT, dir_fd=deep)
    os.write(file, b"x" * PAGE)
    os.close(file)
    os.close(deep)
    try:
        assert walk(tmp_path).total == 1002 * PAGE
        assert walk(tmp_path).total == du(tmp_path)
    finally:
        subprocess.run(["rm", "-rf", tmp_path / "directory"], check=True)  # shutil.rmtree cannot


def test_a_directory_that_becomes_a_symlink_is_not_followed(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "root"
    for folder in (outside, inside, inside / "a"):
        folder.mkdir()
    filled(outside / "file", 100)
    (inside / "file").touch()

    def swap(path: Account) -> None:
        """Between the listing of its directory and its own."""
        if path == ("file",):
            (inside / "a").rmdir()
            (inside / "a").symlink_to(outside)

    tally = walk(inside, account_of=swap)
    assert tally.total == PAGE
    assert tally.vanished == 1


def test_what_vanishes_counts_nowhere(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        filled(tmp_path / name / "file", 5)

    def remove_b(path: Account) -> Account | None:
        if path == ("a", "file"):
            (tmp_path / "b" / "file").unlink()
            (tmp_path / "b").rmdir()
        return None

    tally = walk(tmp_path, account_of=remove_b)
    assert tally.total == du(tmp_path)
    assert tally.vanished == 1


def test_a_mount_point_is_not_even_looked_at(tmp_path: Path) -> None:
    """It may be that of a server which is gone: whoever looks at it hangs."""
    (tmp_path / "volumes" / "nfs" / "_data").mkdir(parents=True)
    filled(tmp_path / "volumes" / "nfs" / "_data" / "file", 50)
    mounts = mounts_below(tmp_path, iter(["/", str(tmp_path), f"{tmp_path}/volumes/nfs/_data", f"{tmp_path}x/y"]))
    assert mounts == {"volumes": {"nfs": {"_data": None}}}
    assert walk(tmp_path, mounts).total == 3 * PAGE


def test_a_mount_upon_a_mount_hides_what_is_below() -> None:
    root = Path("/r")
    assert mounts_below(root, iter(["/r/a", "/r/a/b", "/r/c/d"])) == {"a": None, "c": {"d": None}}


@pytest.mark.parametrize("order", [("/r/a/b", "/r/a"), ("/r/a", "/r/a/b")])
def test_mounts_come_in_any_order(order: tuple[str, str]) -> None:
    assert mounts_below(Path("/r"), iter(order)) == {"a": None}


def test_other_filesystems_are_not_entered() -> None:
    assert walk(Path("/dev")).total == du(Path("/dev"))


def test_a_root_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DeviceUnavailableError):
        walk(tmp_path / "nothing")
