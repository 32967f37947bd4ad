"""Prepares the examination of this host by `qman doctor`."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from app.bootstrap import read_settings
from app.bootstrap.doctor_of_master import examine_master
from app.bootstrap.slave import real_parts
from app.docker_quota.backend import DockerBackend
from app.quota.errors import DeviceTimeoutError
from app.settings.files import SettingsError
from app.settings.master import MasterSettings
from app.settings.slave import SlaveSettings
from app.slave.doctor.apart import run_apart
from app.slave.doctor.checks import Report
from app.slave.doctor.examination import Patient, examine
from app.slave.doctor.findings import error

_REPORT = TypeAdapter(Report)


def read_slave_settings(path: Path | None) -> tuple[Path, SlaveSettings]:
    """The settings of this host's slave, and their file. Raises SettingsError, also for those of a master."""
    configured = read_settings(path)
    if not isinstance(configured.settings, SlaveSettings):
        raise SettingsError(f'{configured.path}: ROLE: found "master", expected "slave", whose host is examined')
    return configured.path, configured.settings


def read_settings_to_examine(path: Path | None) -> tuple[Path, SlaveSettings | MasterSettings]:
    """The settings of whichever runs here, and their file. Raises SettingsError."""
    configured = read_settings(path)
    return configured.path, configured.settings


def patient_of(path: Path, settings: SlaveSettings) -> Patient:
    """What is examined under these settings. A mock host has no backends that could be ill.

    Docker's serves what the slave's own ledger says, which stands in no database before its first start: Docker itself
    is examined.
    """
    parts = real_parts(settings)
    backends = [] if settings.MOCK_QUOTA else [each for each in parts.backends if each.name != DockerBackend.name]
    return Patient(path, settings, backends, parts.directory)


def examine_apart(path: Path, settings: SlaveSettings | MasterSettings, timeout_seconds: float) -> Report:
    """Examines in a process of its own. One that ends early, or not at all, is the only finding of the report."""

    def work() -> bytes:
        if isinstance(settings, MasterSettings):
            report = examine_master(path, settings)
        else:
            report = examine(patient_of(path, settings))
        return _REPORT.dump_json(report)

    try:
        return _REPORT.validate_json(run_apart(work, timeout_seconds))
    except (DeviceTimeoutError, ValidationError):
        found = f"it did not end properly within {timeout_seconds:g} seconds"
        why = "Nothing can be said of this host."
        finding = error("examination_failed", "the examination", found=found, why=why, mend="dmesg | tail -n 30")
        return Report(("this host",), (finding,))
