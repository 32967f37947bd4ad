"""Roots of storage areas."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.settings.areas import StorageArea
from app.slave.doctor.findings import Finding, error, quoted


@dataclass(frozen=True, slots=True)
class Root:
    """A directory of an area, as found."""

    area: str
    path: str
    is_directory: bool
    is_writable: bool


def of_root(root: Root) -> Iterator[Finding]:
    """What is wrong with it."""
    if not root.is_directory:
        yield error(
            "area_root_missing",
            root.path,
            found=f"it is a root of the area {root.area}, and no directory",
            why="What programs write to the area cannot be counted, nor cleaned up.",
            mend=f"mkdir -p {quoted(root.path)}   # or mount what belongs there",
        )
    elif not root.is_writable:
        yield error(
            "area_root_not_writable",
            root.path,
            found=f"it is a root of the area {root.area}, and this process may not write there",
            why="Old files cannot be removed by their retention.",
            mend=f'setfacl -m "u:$SLAVE_USER:rwx" {quoted(root.path)}   # if mounted read-only: mount -o remount,rw …',
        )


def look_at_roots(area: StorageArea) -> list[Root]:
    """All roots of the area."""
    return [
        Root(area.name, path, Path(path).is_dir(), os.access(path, os.W_OK | os.X_OK, effective_ids=True))
        for path in area.roots.values()
    ]
