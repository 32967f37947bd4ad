"""Walks a directory tree that others change meanwhile, and adds up what it takes on disk, as `du -sx -B1` does."""

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.quota.errors import BackendForbiddenError, DeviceUnavailableError

BLOCK: Final = 512
"""The unit of st_blocks (stat(2)), whatever the filesystem's own is."""
_MOST_OPEN = 100
"""Directories held open at a time; those further up are found again by `..`."""
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ESTALE}
"""It was there when its directory was listed: deleted since, or replaced by something else."""

Account = tuple[str, ...]
AccountOf = Callable[[Account], Account | None]
"""To which account the file or directory at this path (its names, from the root on) counts; None: its directory's."""
Tree = dict[str, "Tree | None"]
"""Mount points by their names, one level in another; None is a mount point."""


@dataclass(slots=True)
class Tally:
    """Bytes by account. `vanished` counts what was gone when it was looked at."""

    bytes_of: dict[Account, int] = field(default_factory=dict)
    vanished: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.bytes_of.values())


@dataclass(slots=True)
class _Frame:
    """A directory on the way down. `names` are its subdirectories still to come; `path` is None below `levels`."""

    names: list[str]
    inode: tuple[int, int]
    account: Account
    path: Account | None
    mounts: Tree
    directory: int | None


class TreeWalk:
    """One walk. It follows no symlink, crosses into no other filesystem, and looks at no mount point at all."""

    def __init__(self, root: Path, account_of: AccountOf, *, levels: int, mounts: Tree) -> None:
        """`account_of` is asked for paths of at most so many names; what is below counts as its directory does."""
        self._root = root
        self._account_of = account_of
        self._levels = levels
        self._mounts = mounts
        self._linked: set[int] = set()
        self._tally = Tally()
        self._device = 0

    def measure(self) -> Tally:
        """Walks. DeviceUnavailableError: the root is not there; BackendForbiddenError: a directory cannot be read."""
        try:
            directory = os.open(self._root, _DIRECTORY)
        except OSError as error:
            raise _failure(error, self._root) from error
        stack: list[_Frame] = []
        try:
            found = os.fstat(directory)
            self._device = found.st_dev
            self._count((), found)
            stack.append(self._listed(directory, found, (), (), self._mounts))
            while stack:
                self._step(stack)
        except OSError as error:
            raise _failure(error, self._root) from error
        finally:
            for frame in stack:
                if frame.directory is not None:
                    os.close(frame.directory)
        return self._tally

    def _step(self, stack: list[_Frame]) -> None:
        frame = stack[-1]
        if not frame.names:
            stack.pop()
            self._close(frame, stack[-1] if stack else None)
            return
        name = frame.names.pop()
        assert frame.directory is not None  # noqa: S101 - the topmost frame is always open
        try:
            directory = os.open(name, _DIRECTORY, dir_fd=frame.directory)
        except OSError as error:
            if error.errno not in _GONE:
                raise
            self._tally.vanished += 1
            return
        found = os.fstat(directory)
        if found.st_dev != self._device:
            os.close(directory)  # mounted since the mounts were read
            return
        path, account = self._place(frame, name)
        self._count(account, found)
        inner = frame.mounts.get(name)
        stack.append(self._listed(directory, found, account, path, inner or {}))
        self._spare(stack)

    def _listed(
        self, directory: int, found: os.stat_result, account: Account, path: Account | None, mounts: Tree
    ) -> _Frame:
        """The directory with its files counted."""
        frame = _Frame([], (found.st_dev, found.st_ino), account, path, mounts, directory)
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    self._look_at(entry, frame)
        except OSError as error:
            if error.errno not in _GONE:
                os.close(directory)
                raise
            self._tally.vanished += 1
        frame.names.sort(reverse=True)  # hard links count where they are met first: that must be the same each time
        return frame

    def _look_at(self, entry: "os.DirEntry[str]", frame: _Frame) -> None:
        if entry.name in frame.mounts and frame.mounts[entry.name] is None:
            return
        try:
            if entry.is_dir(follow_symlinks=False):
                frame.names.append(entry.name)
                return
            found = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            self._tally.vanished += 1
            return
        if found.st_dev != self._device:
            return
        if found.st_nlink > 1:
            if found.st_ino in self._linked:
                return
            self._linked.add(found.st_ino)
        self._count(self._place(frame, entry.name)[1], found)

    def _place(self, frame: _Frame, name: str) -> tuple[Account | None, Account]:
        if frame.path is None or len(frame.path) >= self._levels:
            return None, frame.account
        path = (*frame.path, name)
        its_own = self._account_of(path)
        return path, frame.account if its_own is None else its_own

    def _count(self, account: Account, found: os.stat_result) -> None:
        bytes_of = self._tally.bytes_of
        bytes_of[account] = bytes_of.get(account, 0) + found.st_blocks * BLOCK

    def _spare(self, stack: list[_Frame]) -> None:
        if len(stack) > _MOST_OPEN:
            far = stack[-1 - _MOST_OPEN]
            if far.directory is not None:
                os.close(far.directory)
                far.directory = None

    def _close(self, frame: _Frame, above: _Frame | None) -> None:
        """Closes what is done, and opens the one above again from there where it was spared."""
        assert frame.directory is not None  # noqa: S101 - the topmost frame is always open
        try:
            if above is not None and above.directory is None:
                above.directory = os.open("..", _DIRECTORY, dir_fd=frame.directory)
                found = os.fstat(above.directory)
                if (found.st_dev, found.st_ino) != above.inode:  # moved meanwhile: what was above is met elsewhere
                    self._tally.vanished += len(above.names)
                    above.names.clear()
        finally:
            os.close(frame.directory)
            frame.directory = None


def mounts_below(root: Path, mount_points: Iterator[str]) -> Tree:
    """The mount points below the root, for `TreeWalk`."""
    tree: Tree = {}
    for mount_point in mount_points:
        path = Path(mount_point)
        if path == root or not path.is_relative_to(root):
            continue
        *above, last = path.relative_to(root).parts
        inner: Tree | None = tree
        for name in above:
            if inner is not None:
                inner = inner.setdefault(name, {})
        if inner is not None:
            inner[last] = None
    return tree


def _failure(error: OSError, root: Path) -> DeviceUnavailableError | BackendForbiddenError:
    if isinstance(error, PermissionError):
        return BackendForbiddenError(
            f"This process may not read all of {root}: it lacks CAP_DAC_READ_SEARCH, or is not root."
        )
    return DeviceUnavailableError(f"{root} cannot be read: {error.strerror}.")


def by_first(bytes_of: Mapping[Account, int], first: str) -> Mapping[str, int]:
    """Of accounts such as (`volume`, name): the bytes by name."""
    return {account[1]: size for account, size in bytes_of.items() if account[:1] == (first,)}
