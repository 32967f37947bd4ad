"""What stands in Btrfs's trees: subvolumes with their paths, qgroups, owners (linux/btrfs_tree.h)."""

import errno
import os
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from app.backends.btrfs import ioctls
from app.backends.btrfs.ioctls import Item, Key

_ROOT_TREE, _TOP_LEVEL, _QUOTA_TREE = 1, 5, 8
_FIRST_ID, _LAST_ID = 256, 2**64 - 256
_MOST = 2**64 - 1
_INODE_ITEM, _ROOT_BACKREF = 1, 144
_QGROUP_STATUS, _QGROUP_INFO, _QGROUP_LIMIT = 240, 242, 244
_LEVEL_SHIFT = 48
"""A qgroup's id has its level in the upper 16 bits; those of level 0 have the id of their subvolume below."""

_BACKREF = struct.Struct("=2QH")
_INFO_OR_LIMIT = struct.Struct("=5Q")
_STATUS_FLAGS_AT = 16
_STATUS_INCONSISTENT = 4
_UID_AT = 44
LONGEST_PATH = 4096


class Link(NamedTuple):
    """Where a subvolume hangs: in which tree, in which directory there, under which name."""

    subvolume_id: int
    tree: int
    inode: int
    name: bytes


class Qgroup(NamedTuple):
    """The figures of a subvolume, in bytes; None where there is no limit."""

    referenced: int
    exclusive: int
    max_referenced: int | None = None
    max_exclusive: int | None = None


class Contents(NamedTuple):
    """A filesystem's subvolumes by id: their paths below its top level, and their qgroups; ids are never used again."""

    paths: Mapping[int, str]
    qgroups: Mapping[int, Qgroup]
    newest_id: int = 0


def read_contents(directory: int) -> Contents:
    """Subvolumes and qgroups of the filesystem that this directory is on. OSError: ENOENT where quotas are off."""
    links = links_in(_root_items(directory, _FIRST_ID, _LAST_ID))
    found = ioctls.iter_items(directory, _QUOTA_TREE, Key(0, _QGROUP_INFO, 0), Key(0, _QGROUP_LIMIT, _MOST))
    qgroups = qgroups_in(found)
    newest_id = max((link.subvolume_id for link in links), default=_FIRST_ID - 1)
    return Contents(paths_of(links, partial(_find_directory, directory)), qgroups, newest_id)


def has_newer(directory: int, subvolume_id: int) -> bool:
    """Has a subvolume been made after this one? OSError."""
    return bool(links_in(_root_items(directory, subvolume_id + 1, _LAST_ID, ioctls.FEW)))


def find_path(directory: int, subvolume_id: int) -> str | None:
    """The path of one subvolume, as in `Contents`; None when it is gone. OSError."""
    links, at = list[Link](), subvolume_id
    while at != _TOP_LEVEL:
        found = links_in(_root_items(directory, at, at, ioctls.FEW))
        if not found or len(links) == LONGEST_PATH:
            return None
        links += found[:1]
        at = found[0].tree
    return paths_of(links, partial(_find_directory, directory)).get(subvolume_id)


def find_qgroup(directory: int, subvolume_id: int) -> Qgroup | None:
    """The qgroup of one subvolume, None where there is none. OSError."""
    items = [
        item
        for item_type in (_QGROUP_INFO, _QGROUP_LIMIT)
        for key in (Key(0, item_type, subvolume_id),)
        for item in ioctls.iter_items(directory, _QUOTA_TREE, key, key, ioctls.FEW)
    ]
    return qgroups_in(items).get(subvolume_id)


def find_owner(directory: int, subvolume_id: int) -> int | None:
    """The uid that owns the subvolume, as last committed; None when it is gone. OSError."""
    key = Key(_FIRST_ID, _INODE_ITEM, 0)
    try:
        for item in ioctls.iter_items(directory, subvolume_id, key, key, ioctls.FEW):
            (uid,) = struct.unpack_from("=I", item.data, _UID_AT)
            return int(uid)
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise
    return None


def is_inconsistent(directory: int) -> bool:
    """Do the qgroups say of themselves that their figures are wrong? As last committed. OSError."""
    key = Key(0, _QGROUP_STATUS, 0)
    for item in ioctls.iter_items(directory, _QUOTA_TREE, key, key, ioctls.FEW):
        (flags,) = struct.unpack_from("=Q", item.data, _STATUS_FLAGS_AT)
        return bool(flags & _STATUS_INCONSISTENT)
    return False


def _root_items(directory: int, first: int, last: int, room: int = ioctls.MANY) -> Iterator[Item]:
    """The items that tell where the subvolumes of these ids hang, and others between them."""
    keys = Key(first, _ROOT_BACKREF, 0), Key(last, _ROOT_BACKREF, _MOST)
    return ioctls.iter_items(directory, _ROOT_TREE, *keys, room)


def _find_directory(directory: int, tree: int, inode: int) -> bytes | None:
    try:
        return ioctls.get_directory(directory, tree, inode)
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.ENOENT):
            return None
        raise


def links_in(items: Iterable[Item]) -> list[Link]:
    """Where each subvolume hangs. One that was deleted hangs nowhere, also while it is still being cleaned up."""
    links = []
    for (subvolume_id, item_type, tree), data in items:
        if item_type == _ROOT_BACKREF:
            inode, _sequence, length = _BACKREF.unpack_from(data)
            links.append(Link(subvolume_id, tree, inode, data[_BACKREF.size : _BACKREF.size + length]))
    return links


def qgroups_in(items: Iterable[Item]) -> dict[int, Qgroup]:
    """The qgroups of subvolumes by id; those of higher levels are passed over."""
    figures: dict[int, tuple[int, int]] = {}
    limits: dict[int, tuple[int | None, int | None]] = {}
    for (_, item_type, qgroup_id), data in items:
        if item_type == _QGROUP_INFO and not qgroup_id >> _LEVEL_SHIFT:
            _generation, referenced, _, exclusive, _ = _INFO_OR_LIMIT.unpack_from(data)
            figures[qgroup_id] = referenced, exclusive
        elif item_type == _QGROUP_LIMIT:
            flags, referenced, exclusive, _, _ = _INFO_OR_LIMIT.unpack_from(data)
            limits[qgroup_id] = (
                referenced if flags & ioctls.LIMIT_REFERENCED else None,
                exclusive if flags & ioctls.LIMIT_EXCLUSIVE else None,
            )
    return {its: Qgroup(*used, *limits.get(its, (None, None))) for its, used in figures.items()}


def paths_of(links: Iterable[Link], find_directory: Callable[[int, int], bytes | None]) -> dict[int, str]:
    """The path of each subvolume below the top level. One whose path is too long for any pattern is left out.

    `find_directory` gives the path of a directory in its subvolume, with a slash at its end; None when it is too long
    or has just gone.
    """
    by_id = {link.subvolume_id: link for link in links}
    found: dict[int, bytes | None] = {_TOP_LEVEL: b""}
    directories: dict[tuple[int, int], bytes | None] = {}
    for subvolume_id in by_id:
        chain, at = [], subvolume_id
        while at not in found:
            link = by_id.get(at)
            found[at] = None
            if link is None:
                break
            chain.append(link)
            at = link.tree
        for link in reversed(chain):
            above, where = found[link.tree], (link.tree, link.inode)
            if above is None:
                continue
            if where not in directories:
                directories[where] = b"" if link.inode == _FIRST_ID else find_directory(*where)
            inside = directories[where]
            if inside is not None:
                path = above + (b"/" if above else b"") + inside + link.name
                found[link.subvolume_id] = path if len(path) < LONGEST_PATH else None
    return {its: os.fsdecode(path) for its, path in found.items() if path}
