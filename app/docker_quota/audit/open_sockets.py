"""Who has a connection to a Unix socket open, by sock_diag(7).

A connection of before the audit log begins has no record. The kernel tells the sockets of one's own network namespace
alone: a client in a container with a network of its own is not among them.
"""

import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

_SOCK_DIAG = 4
_BY_FAMILY = 20
_REQUEST_DUMP = 0x301
_DONE, _ERROR = 3, 2
_ESTABLISHED = 1 << 1
_SHOW_NAME, _SHOW_PEER, _SHOW_UID = 1, 4, 0x40
_NAME, _PEER, _UID = 0, 2, 7
_HEADER = struct.Struct("=IHHII")
_QUERY = struct.Struct("=BBHIIIII")
_SOCKET = struct.Struct("=BBBBIII")
_ATTRIBUTE = struct.Struct("=HH")
_NUMBER = struct.Struct("=I")
_TIMEOUT_SECONDS = 2.0

Attributes = dict[int, bytes]


def uids_connected_to(path: str) -> frozenset[int]:
    """The users that made the sockets which are connected to the one at `path`, as that path was bound.

    OSError: the kernel does not tell (no CONFIG_UNIX_DIAG, a seccomp filter), or not in time.
    """
    sockets = dict(_iter_sockets())
    wanted = {os.fsencode(each) for each in (path, Path(path).resolve(), f"/var{path}")}  # /var/run is /run
    peers = [
        _NUMBER.unpack(attributes[_PEER])[0]
        for attributes in sockets.values()
        if attributes.get(_NAME, b"").rstrip(b"\0") in wanted and _PEER in attributes
    ]
    return frozenset(
        _NUMBER.unpack(sockets[peer][_UID])[0] for peer in peers if peer in sockets and _UID in sockets[peer]
    )


def _iter_sockets() -> Iterator[tuple[int, Attributes]]:
    query = _QUERY.pack(
        *(socket.AF_UNIX, 0, 0, _ESTABLISHED, 0, _SHOW_NAME | _SHOW_PEER | _SHOW_UID, 0xFFFFFFFF, 0xFFFFFFFF)
    )
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as netlink:
        netlink.settimeout(_TIMEOUT_SECONDS)
        netlink.send(_HEADER.pack(_HEADER.size + len(query), _BY_FAMILY, _REQUEST_DUMP, 1, 0) + query)
        while True:
            data = memoryview(netlink.recv(1 << 18))
            while data:
                length, kind, _, _, _ = _HEADER.unpack_from(data)
                if kind == _DONE:
                    return
                if kind == _ERROR:
                    number = -struct.unpack_from("=i", data, _HEADER.size)[0]
                    raise OSError(number, os.strerror(number))
                yield _socket(bytes(data[_HEADER.size : length]))
                data = data[(length + 3) & ~3 :]


def _socket(message: bytes) -> tuple[int, Attributes]:
    """A struct unix_diag_msg, then attributes of netlink(7): a length with its own four bytes, a type, padded."""
    inode = _SOCKET.unpack_from(message)[4]
    attributes: Attributes = {}
    offset = _SOCKET.size
    while offset + _ATTRIBUTE.size <= len(message):
        length, kind = _ATTRIBUTE.unpack_from(message, offset)
        attributes[kind] = message[offset + _ATTRIBUTE.size : offset + length]
        offset += max(_ATTRIBUTE.size, (length + 3) & ~3)
    return inode, attributes
