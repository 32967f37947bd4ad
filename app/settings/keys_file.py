"""The keys file of an enrolled host: JSON beside its settings, written by `qman enrol` and by the slave."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from app.settings.files import SettingsError, SettingsModel, load, read_object
from app.settings.keys import KeyPair


class HeldPair(KeyPair):
    """A pair that the slave accepts, at most `until` then. `in_use`: the master is known to sign with it."""

    until: datetime | None = None
    in_use: bool = True

    def is_valid(self, now: datetime) -> bool:
        """Is it accepted now?"""
        return self.until is None or now < self.until

    def has(self, key_id: str) -> bool:
        """Does the key belong to it?"""
        return key_id in {self.read.id, self.write.id, self.event.id}


class HeldKeys(SettingsModel):
    """All that the file says. `events_url` is where the master takes events."""

    pairs: tuple[HeldPair, ...] = ()
    events_url: str | None = None

    def plain(self) -> dict[str, Any]:
        """With the secrets: for the file alone."""
        pairs = [
            {**pair.plain(), "until": pair.until.isoformat() if pair.until else None, "in_use": pair.in_use}
            for pair in self.pairs
        ]
        return {"pairs": pairs, "events_url": self.events_url}


def read_keys(path: Path) -> HeldKeys:
    """What the file says; nothing where there is none. SettingsError."""
    if not path.exists():
        return HeldKeys()
    return load(HeldKeys, read_object(path), path, environment={})


def write_keys(path: Path, keys: HeldKeys) -> None:
    """Replaces the file at once and for good, mode 0600; it keeps its owner, or has the folder's where it is new.

    SettingsError: it cannot be written, and stays as it was.
    """
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        owner = (path if path.exists() else path.parent).stat()
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            json.dump(keys.plain(), file, indent=1)
            if os.geteuid() == 0:
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            new.unlink()
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from error


@contextmanager
def changing(path: Path) -> Iterator[HeldKeys]:
    """What the file says, while nobody else changes it. SettingsError."""
    try:
        descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield read_keys(path)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
