"""`qman backup` and `qman restore`: a database in one file."""

import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.db.engine import Database

EXIT_FINE, EXIT_FAILED, EXIT_BAD_SETTINGS = 0, 1, 2
_CONFIG_HELP = "the settings of the master or slave, which name the database; else CONFIG_PATH, config.json"


def add_backup(parser: ArgumentParser) -> None:
    """Declares the arguments."""
    parser.description = (
        "Writes one consistent state of the database into a file, while servers run. It fits SQLite and PostgreSQL."
        " Sessions and logins under way are left out. Exit status: 0 done, 1 failed, 2 the settings cannot be read."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="must not exist yet; readable by its owner alone")
    parser.add_argument("--config", type=Path, metavar="SETTINGS", help=_CONFIG_HELP)
    parser.set_defaults(run=run_backup)


def add_restore(parser: ArgumentParser) -> None:
    """Declares the arguments."""
    parser.description = (
        "Puts a backup into the database, all or nothing, and brings it to the newest schema. Stop the servers first."
        " Exit status: 0 done, 1 failed and nothing changed, 2 the settings cannot be read."
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--config", type=Path, metavar="SETTINGS", help=_CONFIG_HELP)
    parser.add_argument("--replace", action="store_true", help="throw away what is in the database now")
    parser.set_defaults(run=run_restore)


def run_backup(options: Namespace) -> int:
    """Writes the file; gives the exit status."""
    from app.db.backup import back_up  # noqa: PLC0415 - commands import what they need, --help nothing
    from app.quota.clock import utc_now  # noqa: PLC0415 - as above

    def work(database: "Database", progress: "_Bar") -> Mapping[str, int]:
        return back_up(database, options.file, utc_now(), progress)

    return _run(options, work, f"{options.file}: ")


def run_restore(options: Namespace) -> int:
    """Reads the file; gives the exit status."""
    from app.db.backup import restore  # noqa: PLC0415 - as above

    def work(database: "Database", progress: "_Bar") -> Mapping[str, int]:
        return restore(database, options.file, progress, replace=options.replace)

    return _run(options, work, "restored: ")


def _run(options: Namespace, work: Callable[["Database", "_Bar"], Mapping[str, int]], done: str) -> int:
    from app.bootstrap import read_settings  # noqa: PLC0415 - as above
    from app.db.dumpfile import BackupError  # noqa: PLC0415 - as above
    from app.db.engine import Database  # noqa: PLC0415 - as above
    from app.quota.errors import QmanError  # noqa: PLC0415 - as above
    from app.settings.files import SettingsError  # noqa: PLC0415 - as above

    try:
        url = read_settings(options.config).settings.DATABASE_URL
    except SettingsError as error:
        sys.stderr.write(f"qman: {error}\n")
        return EXIT_BAD_SETTINGS
    database, bar = Database(url), _Bar()
    try:
        counts = work(database, bar)
    except (BackupError, QmanError, OSError) as error:
        bar.clear()
        told = f"{options.file}: {error.strerror}" if isinstance(error, OSError) else error
        sys.stderr.write(f"qman: {told}\n")
        return EXIT_FAILED
    finally:
        database.dispose()
    bar.clear()
    sys.stdout.write(f"{done}{sum(counts.values())} rows of {len(counts)} tables\n")
    return EXIT_FINE


class _Bar:
    """How far it is, on a terminal; nothing elsewhere."""

    def __init__(self) -> None:
        self._shown_at = 0.0

    def __call__(self, table: str, done: int, total: int) -> None:
        """See `Progress`; `total` 0 is not known."""
        now = time.monotonic()
        if not sys.stderr.isatty() or (now - self._shown_at < 0.1 and done != total):  # noqa: PLR2004 - ten times a second
            return
        self._shown_at = now
        if total:
            part = 30 * done // total
            sys.stderr.write(f"\r\x1b[K[{'#' * part}{' ' * (30 - part)}] {100 * done // total:3} %  {table}")
        else:
            sys.stderr.write(f"\r\x1b[K{done} rows  {table}")
        sys.stderr.flush()

    def clear(self) -> None:
        """Takes the line away."""
        if self._shown_at:
            sys.stderr.write("\r\x1b[K")
