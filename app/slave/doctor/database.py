"""The slave's own database: can it be written, is there space, does it fit the program?"""

from collections.abc import Iterator

from app.db.inspection import Inspected
from app.quota.units import MIB
from app.slave.doctor.findings import Finding, error, quoted, warning

_LOW_BYTES = 64 * MIB
_FULL_BYTES = MIB


def of_database(database: Inspected) -> Iterator[Finding]:
    """What is wrong with it."""
    if not database.has_folder:
        yield error(
            "database_folder_missing",
            database.name,
            found=f"there is no directory {database.folder}",
            why="The slave cannot start.",
            mend=f"mkdir -p {quoted(str(database.folder))}",
        )
        return
    if database.unwritable is not None:
        yield error(
            "database_not_writable",
            database.name,
            found=f"this process may not write {database.unwritable}",
            why="The slave cannot start; where it runs already it refuses every change.",
            mend=_writable(str(database.unwritable)),
        )
    if database.problem is not None:
        yield error(
            "database_unreadable",
            database.name,
            found=database.problem,
            why="The slave cannot start.",
            mend="check DATABASE_URL in the settings, and that the file or the server is a database of qman",
        )
    if database.folder is not None:
        yield from _of_space(database)
    if database.revision is not None and database.revision != database.newest:
        yield _of_revision(database, database.revision)


def _writable(path: str) -> str:
    return f'chown "$SLAVE_USER" {quoted(path)}   # if it is mounted read-only: mount -o remount,rw MOUNT_POINT'


def _of_space(database: Inspected) -> Iterator[Finding]:
    if database.free_bytes >= _LOW_BYTES:
        return
    make = error if database.free_bytes < _FULL_BYTES else warning
    yield make(
        "database_disk_full",
        database.name,
        found=f"its disk has {database.free_bytes / MIB:.1f} MiB free",
        why="Without space the slave refuses every change of limits.",
        mend=f"du -xh --max-depth 1 {quoted(str(database.folder))} | sort -h   # free some, or move it: DATABASE_URL",
    )


def _of_revision(database: Inspected, revision: str) -> Finding:
    if revision > database.newest:
        return error(
            "database_of_newer_version",
            database.name,
            found=f"its tables are of revision {revision}, this program knows {database.newest} at most",
            why="An older program on newer tables fails.",
            mend="install the version of qman that made them, or restore the database from before",
        )
    return warning(
        "database_of_older_version",
        database.name,
        found=f"its tables are of revision {revision}, and {database.newest} is there",
        why="The slave brings them up to date when it starts: the one that runs is an older version.",
        mend="systemctl restart qman-slave",
    )
