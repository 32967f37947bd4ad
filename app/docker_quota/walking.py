"""Walks a directory tree that others change meanwhile, and adds up what it takes on disk, as `du -sx -B1` does."""

import errno
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.docker_quota.mounts import Tree
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


MaySettle = Callable[[Account, Collection[str]], bool]
"""Whether what a directory takes, at this path and with these names in it, stays as it is while its time does."""


@dataclass(slots=True)
class Tally:
    """Bytes by account. `vanished` counts what was gone when it was looked at.

    `linked` has the account of each inode with several links, `sharing` those accounts that have one in common, and
    `settled` inode and time of change (ns) of the directories that may settle, by path. `walked` counts directories.
    """

    bytes_of: dict[Account, int] = field(default_factory=dict)
    vanished: int = 0
    linked: dict[int, Account] = field(default_factory=dict)
    sharing: set[Account] = field(default_factory=set)
    settled: dict[Account, tuple[int, int]] = field(default_factory=dict)
    walked: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.bytes_of.values())


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a directory took when it was walked; it does still, where its inode and its time of change are these."""

    inode: int
    changed_ns: int
    bytes_of: Mapping[Account, int]
    linked: Mapping[int, Account]

    def is_same(self, other: "Remembered") -> bool:
        """The same directory, unchanged."""
        return (self.inode, self.changed_ns) == (other.inode, other.changed_ns)


def _never(_: Account, __: Collection[str]) -> bool:
    return False


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

    def __init__(
        self,
        root: Path,
        account_of: AccountOf,
        *,
        levels: int,
        mounts: Tree,
        may_settle: MaySettle = _never,
        remembered: Mapping[Account, Remembered] | None = None,
    ) -> None:
        """`account_of` is asked for paths of at most so many names; what is below counts as its directory does.

        What is `remembered` by path, of directories that are still the same, is taken as it is.
        """
        self._root = root
        self._account_of = account_of
        self._levels = levels
        self._mounts = mounts
        self._may_settle = may_settle
        self._remembered = remembered or {}
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
        if path is not None and self._recall(path, found):
            os.close(directory)
            return
        self._count(account, found)
        inner = frame.mounts.get(name) or {}
        its = self._listed(directory, found, account, path, inner)
        if path is not None and self._may_settle(path, {*its.names, *inner}):
            self._tally.settled[path] = (found.st_ino, found.st_ctime_ns)
        stack.append(its)
        self._spare(stack)

    def _recall(self, path: Account, found: os.stat_result) -> bool:
        """Takes what is remembered of a directory, where it is that one, unchanged."""
        its = self._remembered.get(path)
        if its is None or (its.inode, its.changed_ns) != (found.st_ino, found.st_ctime_ns):
            return False
        if not self._tally.linked.keys().isdisjoint(its.linked):
            return False
        self._tally.settled[path] = (its.inode, its.changed_ns)
        self._tally.linked.update(its.linked)
        for account, size in its.bytes_of.items():
            self._tally.bytes_of[account] = self._tally.bytes_of.get(account, 0) + size
        return True

    def _listed(
        self, directory: int, found: os.stat_result, account: Account, path: Account | None, mounts: Tree
    ) -> _Frame:
        """The directory with its files counted."""
        frame = _Frame([], (found.st_dev, found.st_ino), account, path, mounts, directory)
        self._tally.walked += 1
        try:
            with os.scandir(directory) as entries:
                if path is None or len(path) >= self._levels:
                    self._look_at_all(entries, frame)
                else:
                    for entry in entries:
                        self._look_at(entry, frame)
        except OSError as error:
            if error.errno not in _GONE:
                os.close(directory)
                raise
            self._tally.vanished += 1
        frame.names.sort(reverse=True)  # hard links count where they are met first: that must be the same each time
        return frame

    def _look_at_all(self, entries: "Iterable[os.DirEntry[str]]", frame: _Frame) -> None:
        """As `_look_at`, where all counts as the directory does. Most of a store is there: little is done of each."""
        mounts, device, blocks = frame.mounts, self._device, 0
        add_directory = frame.names.append
        for entry in entries:
            if mounts and mounts.get(entry.name, mounts) is None:
                continue
            if entry.is_dir(follow_symlinks=False):
                add_directory(entry.name)
                continue
            try:
                found = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                self._tally.vanished += 1
                continue
            if found.st_dev != device:
                continue
            if found.st_nlink == 1 or self._is_first(found.st_ino, frame.account):
                blocks += found.st_blocks
        self._add(frame.account, blocks)

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
        account = self._place(frame, entry.name)[1]
        if found.st_nlink == 1 or self._is_first(found.st_ino, account):
            self._count(account, found)

    def _is_first(self, inode: int, account: Account) -> bool:
        """Whether an inode with several links was not met yet: it counts once, where it is met first."""
        first = self._tally.linked.get(inode)
        if first is None:
            self._tally.linked[inode] = account
            return True
        if first != account:
            self._tally.sharing |= {first, account}
        return False

    def _place(self, frame: _Frame, name: str) -> tuple[Account | None, Account]:
        if frame.path is None or len(frame.path) >= self._levels:
            return None, frame.account
        path = (*frame.path, name)
        its_own = self._account_of(path)
        return path, frame.account if its_own is None else its_own

    def _count(self, account: Account, found: os.stat_result) -> None:
        self._add(account, found.st_blocks)

    def _add(self, account: Account, blocks: int) -> None:
        bytes_of = self._tally.bytes_of
        bytes_of[account] = bytes_of.get(account, 0) + blocks * BLOCK

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


def _failure(error: OSError, root: Path) -> DeviceUnavailableError | BackendForbiddenError:
    if isinstance(error, PermissionError):
        return BackendForbiddenError(
            f"This process may not read all of {root}: it lacks CAP_DAC_READ_SEARCH, or is not root."
        )
    return DeviceUnavailableError(f"{root} cannot be read: {error.strerror}.")


def by_first(bytes_of: Mapping[Account, int], first: str) -> Mapping[str, int]:
    """Of accounts such as (`volume`, name): the bytes by name."""
    return {account[1]: size for account, size in bytes_of.items() if account[:1] == (first,)}
