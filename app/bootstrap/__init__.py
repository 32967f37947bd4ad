"""Who is who: builds a master or a slave from its settings. The only room that knows every concrete class."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.bootstrap.memory import settle, share_one_heap
from app.settings.files import SettingsError, read_object
from app.settings.master import MasterSettings, load_master_settings
from app.settings.oauth import load_oauth_settings, oauth_path
from app.settings.slave import SlaveSettings, load_slave_settings

if TYPE_CHECKING:
    from flask import Flask

    from app.bootstrap.collecting import OpenQueue

EXIT_BAD_SETTINGS = 2
EXIT_CANNOT_LOAD = 4
"""What gunicorn takes for "no worker will ever load": it ends, where any other status makes it try again for ever."""
EXIT_TRY_AGAIN = 1
"""With it gunicorn starts another worker."""
TRIED_AGAIN_SECONDS = 1.0
SLAVE_KEYS = frozenset(
    {"SLAVE_HOST_ID", "MOCK_QUOTA", "MOCK_HOST_ID", "API_KEYS", "API_KEYS_FILE", "USE_PYQUOTA", "USE_ZFS", "USE_BTRFS"}
)


@dataclass(frozen=True, slots=True)
class Configured:
    """The settings of this process, and the file that they come from."""

    path: Path
    settings: MasterSettings | SlaveSettings


def config_path() -> Path:
    """CONFIG_PATH, or config.json in the working directory."""
    return Path(os.environ.get("CONFIG_PATH", "config.json"))


def role_of(values: dict[str, Any]) -> str:
    """`ROLE`, or what follows from the keys present."""
    role = values.get("ROLE")
    return role if isinstance(role, str) else "slave" if SLAVE_KEYS & values.keys() else "master"


def read_settings(path: Path | None = None) -> Configured:
    """The settings in that file, by default the one that CONFIG_PATH names. Raises SettingsError."""
    path = path or config_path()
    values = read_object(path)
    role = role_of(values)
    if role not in {"master", "slave"}:
        raise SettingsError(f'{path}: ROLE: found "{role}", expected "master" or "slave"')
    if role == "slave":
        return Configured(path, load_slave_settings(path, values))
    master = load_master_settings(path, values)
    load_oauth_settings(oauth_path(), master)  # read again where it is used: wrong ones must not get as far as serving
    return Configured(path, master)


def settings_or_exit() -> Configured:
    """The settings; what is wrong with them is one line on stderr, and exit status 2."""
    try:
        return read_settings()
    except SettingsError as error:
        sys.stderr.write(f"qman: {error}\n")
        raise SystemExit(EXIT_BAD_SETTINGS) from error


def build_app(configured: Configured, open_queue: "OpenQueue") -> "Flask":
    """The WSGI app for these settings. `open_queue` is asked where a master's readings go through a broker.

    Where a master's database does not answer, the process ends with one line after a moment: the server, which starts
    another, is there as soon as the database is.
    """
    from app.bootstrap.logs import configure_logs  # noqa: PLC0415 - each role imports only what it needs

    configure_logs()
    share_one_heap()
    app = _app_of_role(configured, open_queue)
    settle()
    return app


def _app_of_role(configured: Configured, open_queue: "OpenQueue") -> "Flask":
    if isinstance(configured.settings, SlaveSettings):
        from app.bootstrap.slave import create_slave_app  # noqa: PLC0415 - as above

        return create_slave_app(configured.settings)
    from app.bootstrap.master import create_master_app  # noqa: PLC0415 - as above
    from app.db.errors import DatabaseUnavailableError  # noqa: PLC0415 - as above

    try:
        return create_master_app(configured.settings, open_queue)
    except DatabaseUnavailableError as error:
        sys.stderr.write(f"qman: {error.detail} It is tried again.\n")
        time.sleep(TRIED_AGAIN_SECONDS)
        raise SystemExit(EXIT_TRY_AGAIN) from error


def create_app(open_queue: "OpenQueue") -> "Flask":
    """The WSGI app of a worker process; wrong settings end it, and the server, with one line from each worker."""
    try:
        return build_app(read_settings(), open_queue)
    except SettingsError as error:
        sys.stderr.write(f"qman: {error}\n")
        raise SystemExit(EXIT_CANNOT_LOAD) from error
