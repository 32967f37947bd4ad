"""A FUSE filesystem that answers until it is told to hang: by a file `disk` and a directory `below`.

As a program it serves one mount until it is killed, which ends all waiting with an error:

    python -m tests.fakes.hanging_fuse MOUNT_POINT FILE_BEHIND_DISK

SIGSTOP makes it hang: the kernel waits for it, and so does whoever touches the filesystem. SIGCONT lets it go on.
The protocol is that of linux/fuse.h, version 7.31; numbers and layouts stand there.
"""

import ctypes
import errno
import os
import signal
import stat
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

_ROOT, _DISK, _BELOW = 1, 2, 3
_LOOKUP, _FORGET, _GETATTR, _SETATTR, _OPEN, _READ, _WRITE, _STATFS, _RELEASE = 1, 2, 3, 4, 14, 15, 16, 17, 18
_FSYNC, _FLUSH, _INIT, _OPENDIR, _RELEASEDIR, _INTERRUPT, _DESTROY, _BATCH_FORGET = 20, 25, 26, 27, 29, 36, 38, 42
_UNANSWERED = {_FORGET, _INTERRUPT, _BATCH_FORGET}
_IN = struct.Struct("=IIQQIIIHH")
_OUT = struct.Struct("=IiQ")
_INIT_OUT = struct.Struct("=IIIIHHIIHHI28x")
_ATTR = struct.Struct("=QQQQQQIIIIIIIIII")
_ATTR_OUT, _ENTRY_OUT = struct.Struct("=QII"), struct.Struct("=QQQQII")
_OPEN_OUT, _WRITE_OUT, _STATFS_OUT = struct.Struct("=QII"), struct.Struct("=II"), struct.Struct("=5Q4I24x")
_FILE_IN = struct.Struct("=QQIIQII")
_DIRECT_IO = 1
_MOST_WRITTEN = 131_072
_BUFFER = _MOST_WRITTEN + 4096


class HangingFilesystem:
    """Serves the filesystem from an open /dev/fuse; the content of `disk` is that of a real file."""

    def __init__(self, channel: int, behind: Path) -> None:
        self._channel = channel
        self._file = os.open(behind, os.O_RDWR)
        self._answers: dict[int, Callable[[int, bytes], bytes]] = {
            _INIT: lambda _node, _body: _INIT_OUT.pack(7, 31, _MOST_WRITTEN, 0, 16, 12, _MOST_WRITTEN, 1, 32, 0, 0),
            _LOOKUP: self._lookup,
            _GETATTR: lambda node, _body: _ATTR_OUT.pack(0, 0, 0) + self._attributes(node),
            _SETATTR: lambda node, _body: _ATTR_OUT.pack(0, 0, 0) + self._attributes(node),
            _OPEN: lambda _node, _body: _OPEN_OUT.pack(1, _DIRECT_IO, 0),
            _OPENDIR: lambda _node, _body: _OPEN_OUT.pack(1, 0, 0),
            _READ: self._read,
            _WRITE: self._write,
            _STATFS: lambda _node, _body: _STATFS_OUT.pack(1000, 1000, 1000, 100, 100, 4096, 255, 4096, 0),
            **dict.fromkeys((_RELEASE, _RELEASEDIR, _FSYNC, _FLUSH, _DESTROY), lambda _node, _body: b""),
        }

    def serve(self) -> None:
        """Answers until the filesystem is unmounted."""
        while True:
            try:
                request = os.read(self._channel, _BUFFER)
            except OSError as error:
                if error.errno == errno.ENODEV:
                    return
                if error.errno in (errno.ENOENT, errno.EINTR):  # it was taken back
                    continue
                raise
            _length, opcode, unique, node, *_who = _IN.unpack_from(request)
            if opcode in _UNANSWERED:
                continue
            failure, answer = 0, b""
            try:
                answer = self._answers[opcode](node, request[_IN.size :])
            except KeyError:
                failure = errno.ENOSYS
            except OSError as error:
                failure = error.errno or errno.EIO
            os.write(self._channel, _OUT.pack(_OUT.size + len(answer), -failure, unique) + answer)

    def _lookup(self, _node: int, body: bytes) -> bytes:
        found = {b"disk\0": _DISK, b"below\0": _BELOW}.get(body)
        if found is None:
            raise FileNotFoundError(errno.ENOENT, "no such file")
        return _ENTRY_OUT.pack(found, 0, 0, 0, 0, 0) + self._attributes(found)

    def _attributes(self, node: int) -> bytes:
        size = os.fstat(self._file).st_size if node == _DISK else 0
        mode = stat.S_IFREG | 0o600 if node == _DISK else stat.S_IFDIR | 0o755
        return _ATTR.pack(node, size, size // 512, 0, 0, 0, 0, 0, 0, mode, 2, 0, 0, 0, 4096, 0)

    def _read(self, _node: int, body: bytes) -> bytes:
        _handle, offset, size, *_ = _FILE_IN.unpack_from(body)
        return os.pread(self._file, size, offset)

    def _write(self, _node: int, body: bytes) -> bytes:
        _handle, offset, size, *_ = _FILE_IN.unpack_from(body)
        return _WRITE_OUT.pack(os.pwrite(self._file, body[_FILE_IN.size : _FILE_IN.size + size], offset), 0)


class FuseServer:
    """The program, mounted at a directory of this machine. Needs root."""

    def __init__(self, mount_point: Path, behind: Path) -> None:
        self.mount_point = mount_point
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.hanging_fuse", str(mount_point), str(behind)],
            cwd=Path(__file__).resolve().parents[2],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if said != "mounted\n":
            raise AssertionError(f"the FUSE filesystem did not start: {said!r}, {self._process.wait(10)}")

    def hang(self) -> None:
        """From now on it answers nothing."""
        self._process.send_signal(signal.SIGSTOP)
        os.waitpid(self._process.pid, os.WUNTRACED)

    def release(self) -> None:
        """It goes on with what waits."""
        self._process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Gone for good: whoever waits for it gets an error, nobody hangs any more."""
        self._process.kill()
        self._process.wait(10)
        subprocess.run(["umount", "-l", str(self.mount_point)], check=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


@contextmanager
def loop_device(file: Path) -> Iterator[str]:
    """A loop device on the file."""
    made = subprocess.run(["losetup", "-f", "--show", str(file)], check=True, text=True, stdout=subprocess.PIPE)
    device = made.stdout.strip()
    try:
        yield device
    finally:
        subprocess.run(["losetup", "-d", device], check=False)


def _mount(channel: int, mount_point: str) -> None:
    options = f"fd={channel},rootmode=40000,user_id=0,group_id=0,allow_other"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"hanging", os.fsencode(mount_point), b"fuse", 0, options.encode()) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), mount_point)


def main(mount_point: str, behind: str) -> None:
    """Mounts, says so, serves."""
    channel = os.open("/dev/fuse", os.O_RDWR)
    filesystem = HangingFilesystem(channel, Path(behind))
    _mount(channel, mount_point)
    sys.stdout.write("mounted\n")
    sys.stdout.flush()
    filesystem.serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
