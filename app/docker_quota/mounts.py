"""Where other filesystems are mounted below a directory."""

from collections.abc import Iterator
from pathlib import Path

Tree = dict[str, "Tree | None"]
"""Mount points by their names, one level in another; None is a mount point."""


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
