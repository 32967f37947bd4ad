"""Prepares the enrolment of this host by `qman enrol`."""

import time
from pathlib import Path

from app.bootstrap import read_settings
from app.quota.clock import utc_now
from app.settings.files import SettingsError
from app.settings.master import is_base_url
from app.settings.slave import SlaveSettings
from app.slave.enrol.exchange import HostEnrolment
from app.slave.enrol.master import Master


def host_enrolment(config: Path | None, master_url: str, ca_file: Path | None) -> HostEnrolment:
    """Of the host of these settings. SettingsError: they are wrong, a master's, without keys file; no such URL."""
    configured = read_settings(config)
    settings = configured.settings
    if not isinstance(settings, SlaveSettings):
        raise SettingsError(f'{configured.path}: ROLE: found "master", expected "slave", whose host is enrolled')
    if settings.API_KEYS_FILE is None:
        raise SettingsError(
            f"{configured.path}: API_KEYS_FILE: found nothing, expected the file that takes the keys, such as"
            ' "keys.json" (beside this file)'
        )
    try:
        url = is_base_url(master_url)
    except ValueError as error:
        raise SettingsError(f"--master: found {master_url!r}, expected {error}") from error
    if ca_file is not None and not ca_file.is_file():
        raise SettingsError(f"--ca-file: found no file at {ca_file}")
    master = Master(url, str(ca_file) if ca_file else None, utc_now)
    return HostEnrolment(settings.SLAVE_HOST_ID, Path(settings.API_KEYS_FILE), master, utc_now, time.sleep)
