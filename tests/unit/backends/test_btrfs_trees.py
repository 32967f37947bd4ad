"""What stands in Btrfs's trees; items as a kernel 6.18 gave them."""

import struct

from app.backends.btrfs.ioctls import Item, Key
from app.backends.btrfs.trees import LONGEST_PATH, Link, Qgroup, links_in, paths_of, qgroups_in

TOP_LEVEL, ROOT_DIRECTORY = 5, 256
ROOT_ITEM, ROOT_BACKREF, STATUS, INFO, LIMIT = 132, 144, 240, 242, 244


def backref(subvolume: int, tree: int, inode: int, name: bytes) -> Item:
    return Item(Key(subvolume, ROOT_BACKREF, tree), struct.pack("=2QH", inode, 4, len(name)) + name)


def five(item_type: int, qgroup: int, *numbers: int) -> Item:
    return Item(Key(0, item_type, qgroup), struct.pack("=5Q", *numbers))


def test_links_are_told_from_what_stands_between_them() -> None:
    items = [
        backref(256, 5, 256, b"alice"),
        Item(Key(257, ROOT_ITEM, 0), b"\0" * 439),
        backref(257, 5, 258, b"a b\nc\xff"),
    ]
    assert links_in(items) == [Link(256, 5, 256, b"alice"), Link(257, 5, 258, b"a b\nc\xff")]


def test_qgroups_with_their_limits_and_without_those_of_higher_levels() -> None:
    items = [
        Item(Key(0, STATUS, 0), struct.pack("=5Q", 1, 11, 1, 2**64 - 1, 0)),
        five(INFO, 256, 10, 3162112, 3162112, 16384, 16384),
        five(INFO, 257, 10, 16384, 16384, 8192, 16384),
        five(INFO, 258, 10, 2**60, 0, 2**59, 0),
        five(INFO, 1 << 48 | 7, 10, 1, 1, 1, 1),
        five(LIMIT, 256, 1, 10485760, 0, 0, 0),
        five(LIMIT, 257, 2, 0, 5242880, 0, 0),
        five(LIMIT, 258, 3, 0, 7, 0, 0),
        five(LIMIT, 1 << 48 | 7, 1, 1, 1, 0, 0),
    ]
    assert qgroups_in(items) == {
        256: Qgroup(3162112, 16384, 10485760, None),
        257: Qgroup(16384, 8192, None, 5242880),
        258: Qgroup(2**60, 2**59, 0, 7),
    }


def test_paths_go_down_from_the_top_level() -> None:
    directories = {(5, 300): b"home/", (256, 301): b"a/b/"}
    links = [
        Link(258, 256, 301, b"inner"),
        Link(257, TOP_LEVEL, 300, b"carol\xff"),
        Link(256, TOP_LEVEL, ROOT_DIRECTORY, b"alice"),
    ]
    found = paths_of(links, lambda tree, inode: directories[tree, inode])
    assert found == {256: "alice", 257: "home/carol\udcff", 258: "alice/a/b/inner"}


def test_each_directory_is_asked_for_once() -> None:
    asked = []

    def find_directory(tree: int, inode: int) -> bytes:
        asked.append((tree, inode))
        return b"home/"

    paths_of([Link(256 + each, TOP_LEVEL, 300, b"u%d" % each) for each in range(5)], find_directory)
    assert asked == [(TOP_LEVEL, 300)]


def test_what_hangs_nowhere_has_no_path() -> None:
    links = [
        Link(256, 999, 300, b"lost"),
        Link(257, 258, 256, b"a"),
        Link(258, 257, 256, b"b"),
        Link(259, 5, 300, b"c"),
    ]
    assert paths_of(links, lambda _tree, _inode: None) == {}


def test_subvolumes_nested_as_deep_as_somebody_likes_cost_little() -> None:
    count = 50_000
    links = [Link(256 + each, 255 + each if each else TOP_LEVEL, ROOT_DIRECTORY, b"deep") for each in range(count)]
    found = paths_of(reversed(links), lambda _tree, _inode: b"")
    assert max(map(len, found.values())) < LONGEST_PATH
    assert found[256] == "deep"
