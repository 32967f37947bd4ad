"""ioctl(2) of Btrfs: the numbers and layouts of linux/btrfs.h.

`btrfs subvolume list` prints names as they are, and whoever may make a subvolume may put a newline and a second line
of that list into its name. The kernel is asked itself instead: bytes with lengths cannot be mistaken, and no version
of a tool matters. ctypes gives the interpreter's lock back while the kernel works, which `fcntl.ioctl` does only for
small buffers. Numbers are those of x86, ARM and RISC-V.
"""

import ctypes
import os
import struct
from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

_WRITE, _READ = 1, 2
_MAGIC = 0x94

_SEARCH_KEY = struct.Struct("=7Q4I4Q")
_BUFFER_SIZE = struct.Struct("=Q")
_ITEM_HEAD = struct.Struct("=3Q2I")
_ITEMS_AT = _SEARCH_KEY.size + _BUFFER_SIZE.size
MANY, FEW = 2**18, 2**12
"""Room for many items or a few, in bytes; none that is read here is larger than the smaller one."""
_NR_ITEMS_AT = 64
_MOST_ITEMS = 2**32 - 1
_MOST = 2**64 - 1
_LAST_TYPE = 255

_INO_LOOKUP = struct.Struct("=2Q4080s")
_FS_INFO = struct.Struct("=2Q16s992x")
_QGROUP_LIMIT = struct.Struct("=6Q")
_RESCAN = struct.Struct("=8Q")

LIMIT_REFERENCED, LIMIT_EXCLUSIVE = 1, 2
"""Bits of a limit's flags: which of its two limits there is."""
NO_LIMIT = 2**64 - 1
"""Takes a limit away (fs/btrfs/qgroup.c, btrfs_limit_qgroup)."""

_libc_ioctl = ctypes.CDLL(None, use_errno=True).ioctl
_libc_ioctl.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p)
_libc_ioctl.restype = ctypes.c_int


class Key(NamedTuple):
    """Where an item stands in a tree; items are sorted by it."""

    object_id: int
    item_type: int
    offset: int


class Item(NamedTuple):
    """An item of a tree: its key and its bytes."""

    key: Key
    data: bytes


def iter_items(directory: int, tree: int, first: Key, last: Key, room: int = MANY) -> Iterator[Item]:
    """The items of a tree from one key to another, ascending. OSError: ENOENT where there is no such tree.

    `room`: how many bytes are fetched at a time.
    """
    buffer = ctypes.create_string_buffer(_ITEMS_AT + room)
    view = memoryview(buffer).cast("B")
    key: Key | None = first
    while key is not None:
        _SEARCH_KEY.pack_into(
            buffer, 0, tree, key.object_id, last.object_id, key.offset, last.offset, 0, _MOST,
            key.item_type, last.item_type, _MOST_ITEMS, 0, 0, 0, 0, 0,
        )  # fmt: skip
        _BUFFER_SIZE.pack_into(buffer, _SEARCH_KEY.size, room)
        _call(directory, _READ | _WRITE, 17, _ITEMS_AT, buffer)
        at, found = _ITEMS_AT, None
        (count,) = struct.unpack_from("=I", view, _NR_ITEMS_AT)
        for _ in range(count):
            _transid, object_id, offset, item_type, length = _ITEM_HEAD.unpack_from(view, at)
            at += _ITEM_HEAD.size
            found = Key(object_id, item_type, offset)
            yield Item(found, bytes(view[at : at + length]))
            at += length
        key = _after(found) if found is not None and found < last else None


def get_directory(directory: int, tree: int, inode: int) -> bytes:
    """The path of a directory in its subvolume, with a slash at its end. OSError: ENOENT, ENAMETOOLONG."""
    buffer = ctypes.create_string_buffer(_INO_LOOKUP.pack(tree, inode, b""), _INO_LOOKUP.size)
    _call(directory, _READ | _WRITE, 18, _INO_LOOKUP.size, buffer)
    name: bytes = _INO_LOOKUP.unpack(buffer)[2]
    return name.partition(b"\0")[0]


def get_fsid(directory: int) -> UUID:
    """The UUID of the filesystem that this directory is on. OSError: ENOTTY where it is not Btrfs."""
    buffer = ctypes.create_string_buffer(_FS_INFO.size)
    _call(directory, _READ, 31, _FS_INFO.size, buffer)
    return UUID(bytes=_FS_INFO.unpack(buffer)[2])


def set_limit(directory: int, subvolume_id: int, *, flag: int, limit: int) -> None:
    """Set the subvolume's referenced or exclusive limit, in bytes. OSError: ENOTCONN where quotas are off."""
    referenced = limit if flag == LIMIT_REFERENCED else 0
    exclusive = limit if flag == LIMIT_EXCLUSIVE else 0
    packed = _QGROUP_LIMIT.pack(subvolume_id, flag, referenced, exclusive, 0, 0)
    _call(directory, _READ, 43, _QGROUP_LIMIT.size, ctypes.create_string_buffer(packed, _QGROUP_LIMIT.size))


def is_rescanning(directory: int) -> bool:
    """Does a rescan of the qgroups run? Known in memory. OSError."""
    buffer = ctypes.create_string_buffer(_RESCAN.size)
    _call(directory, _READ, 45, _RESCAN.size, buffer)
    return bool(_RESCAN.unpack(buffer)[0])


def _after(key: Key) -> Key:
    """The least key above this one."""
    if key.offset < _MOST:
        return key._replace(offset=key.offset + 1)
    if key.item_type < _LAST_TYPE:
        return Key(key.object_id, key.item_type + 1, 0)
    return Key(key.object_id + 1, 0, 0)


def _call(directory: int, direction: int, number: int, size: int, buffer: "ctypes.Array[ctypes.c_char]") -> None:
    if _libc_ioctl(directory, direction << 30 | size << 16 | _MAGIC << 8 | number, buffer) != 0:
        errno = ctypes.get_errno()
        raise OSError(errno, os.strerror(errno))
