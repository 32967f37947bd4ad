"""Whose subvolume it is, by its path: patterns like `{mount}/{user}`. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from app.backends.mountinfo import Mount

MOUNT, USER = "{mount}", "{user}"
_NAME = "([^/]+)"

UserNames = Callable[[str], Iterator[str]]
"""Gives the names that patterns find in a subvolume's path below the top level."""


def user_names(patterns: Sequence[str], mounts: Iterable[Mount]) -> UserNames:
    """What finds users' names in paths of subvolumes, wherever the filesystem or a part of it is mounted.

    `{mount}` stands for each mount point, `{user}` for the name, which has no slash.
    """
    places = [(mount.root.strip("/"), mount.mount_point) for mount in mounts]
    expressions = [
        (root, mount_point.rstrip("/"), re.compile(_expression(pattern, mount_point)))
        for pattern in patterns
        for root, mount_point in dict.fromkeys(places)
    ]

    def names_in(path: str) -> Iterator[str]:
        for root, mount_point, expression in expressions:
            seen_at = _seen_at(path, root, mount_point)
            match = expression.fullmatch(seen_at) if seen_at is not None else None
            if match:
                yield match[1]

    return names_in


def _expression(pattern: str, mount_point: str) -> str:
    before, _, after = pattern.partition(USER)
    if before.startswith(MOUNT):
        before = mount_point.rstrip("/") + before.removeprefix(MOUNT)
    return re.escape(before) + _NAME + re.escape(after)


def _seen_at(path: str, root: str, mount_point: str) -> str | None:
    """The absolute path at which the subvolume is seen there; None where that part is not mounted."""
    if not root:
        return f"{mount_point}/{path}"
    if path == root:
        return mount_point or "/"
    return f"{mount_point}/{path[len(root) + 1 :]}" if path.startswith(f"{root}/") else None
