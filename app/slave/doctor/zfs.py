"""The tools of ZFS, pools that are suspended, datasets that are configured and not there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.backends.command import ToolFailedError, run_tool
from app.quota.errors import BackendError
from app.slave.doctor.findings import Finding, error, quoted

SUBJECT = "zfs"
_BAD_HEALTH = frozenset({"SUSPENDED", "FAULTED", "UNAVAIL", "REMOVED", "OFFLINE"})


@dataclass(frozen=True, slots=True)
class Zfs:
    """What `zpool` and `zfs` say. `problem` is why they say nothing, `is_missing`: they are not installed."""

    health_by_pool: tuple[tuple[str, str], ...] = ()
    datasets: frozenset[str] = frozenset()
    problem: str | None = None
    is_missing: bool = False


def of_zfs(zfs: Zfs, wanted: Sequence[str]) -> Iterator[Finding]:
    """`wanted` is ZFS_DATASETS."""
    if zfs.is_missing:
        yield error(
            "zfs_missing",
            SUBJECT,
            found="USE_ZFS is true, and the tools zfs and zpool are not installed",
            why="No dataset of this host can be read.",
            mend="apt-get install zfsutils-linux   # or set USE_ZFS to false",
        )
    elif zfs.problem is not None:
        yield error(
            "zfs_fails",
            SUBJECT,
            found=zfs.problem,
            why="No dataset of this host can be read.",
            mend="modprobe zfs && zpool import -a   # and: ls -l /dev/zfs, which the slave's user must be able to open",
        )
    bad = {pool: health for pool, health in zfs.health_by_pool if health in _BAD_HEALTH}
    for pool, health in bad.items():
        yield error(
            "zfs_pool_bad",
            pool,
            found=f"the pool is {health}",
            why="Its datasets cannot be read, and commands that touch them fail or hang.",
            mend=f"zpool clear {quoted(pool)}   # once its disks are back; zpool status {quoted(pool)} names them",
        )
    for dataset in wanted:
        known = zfs.is_missing or zfs.problem is not None or dataset in zfs.datasets
        if not known and dataset.partition("/")[0] not in bad:
            yield error(
                "zfs_dataset_missing",
                dataset,
                found="ZFS_DATASETS names it, and there is no such dataset",
                why="The slave shows it as failed, and nobody's quota on it.",
                mend=f"zfs create {quoted(dataset)}   # or take it out of ZFS_DATASETS; zfs list shows what there is",
            )


def look_at_zfs(timeout_seconds: float) -> Zfs:
    """Asks each pool by itself for its filesystems; one that is suspended answers or hangs, and is not asked."""
    try:
        health = parsed(run_tool(["zpool", "list", "-H", "-o", "name,health"], timeout_seconds=timeout_seconds))
        listing = ["zfs", "list", "-H", "-t", "filesystem", "-o", "name", "-r"]
        pools = [pool for pool, state in health if state != "SUSPENDED"]
        names = b"".join(run_tool([*listing, pool], timeout_seconds=timeout_seconds) for pool in pools)
    except ToolFailedError as problem:
        return Zfs(problem=problem.detail)
    except BackendError as problem:
        return Zfs(problem=problem.detail, is_missing=isinstance(problem.__cause__, FileNotFoundError))
    return Zfs(health, frozenset(names.decode(errors="replace").splitlines()))


def parsed(table: bytes) -> tuple[tuple[str, str], ...]:
    """Name and health of each pool, from `zpool list -H -o name,health`: a line each, a tab between."""
    lines = [line.split("\t") for line in table.decode(errors="replace").splitlines()]
    return tuple((fields[0], fields[1]) for fields in lines if len(fields) == 2)  # noqa: PLR2004 - two columns asked for
