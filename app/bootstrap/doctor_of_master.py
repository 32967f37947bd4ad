"""What `qman doctor` examines of a master: who can open its settings, and whether its stored keys open."""

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app.auth.vault import SecretsKeyLostError
from app.bootstrap.hosts import vault_of
from app.db.errors import DatabaseUnavailableError
from app.db.inspection import sealed_keys_in
from app.settings.master import MasterSettings
from app.slave.doctor import settings_file
from app.slave.doctor.checks import Check, Report, run_checks
from app.slave.doctor.examination import CHECK_SECONDS
from app.slave.doctor.findings import Finding, error, in_order, quoted

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_WHY_CLOSED = "Who knows the keys in it can read the quotas of all hosts, and set them."


def examine_master(file: Path, settings: MasterSettings) -> Report:
    """All checks, side by side; changes nothing."""
    report = run_checks(
        [
            Check(f"the settings in {file}", lambda: _of_settings(file)),
            Check("the key of enrolled hosts' keys", lambda: of_secrets_key(settings)),
        ],
        CHECK_SECONDS,
    )
    return Report(report.checked, in_order(report.findings))


def of_secrets_key(settings: MasterSettings) -> Iterator[Finding]:
    """`SECRETS_KEY`, or the file of `SECRETS_KEY_FILE`. Where no host was enrolled there need be none."""
    name = "SECRETS_KEY" if settings.SECRETS_KEY else settings.SECRETS_KEY_FILE
    if settings.SECRETS_KEY is None:
        yield from _of_file(Path(settings.SECRETS_KEY_FILE))
    try:
        stored = sealed_keys_in(settings.DATABASE_URL)
    except DatabaseUnavailableError as problem:
        yield error(
            "database_unreadable",
            "the master's database",
            found=problem.detail,
            why="Whether hosts were enrolled, and whether their keys open, cannot be said. The master cannot start.",
            mend="check DATABASE_URL in the settings, and that this user may read it",
        )
        return
    vault, lost = vault_of(settings), list[SecretsKeyLostError]()
    for sealed in stored:
        try:
            vault.open(sealed)
        except SecretsKeyLostError as problem:
            lost.append(problem)
    if lost:
        yield error(
            "secrets_key_lost",
            name,
            found=f"the keys of {len(lost)} of {len(stored)} enrolled hosts do not open. {lost[0].detail}",
            why="A master that starts now neither reads nor changes these hosts.",
            mend='# put the key back from its backup, as the user of the master: chown "$MASTER_USER"; or enrol again',
        )


def _of_settings(file: Path) -> Iterator[Finding]:
    for finding in settings_file.of_mode(file, settings_file.look_at_mode(file)):
        yield replace(finding, why=_WHY_CLOSED)


def _of_file(file: Path) -> Iterator[Finding]:
    try:
        mode = file.stat().st_mode
    except OSError:
        return  # missed only where hosts were enrolled
    if mode & _OTHERS:
        yield error(
            "secrets_key_open",
            str(file),
            found=f"its mode is {stat.S_IMODE(mode):04o}: others than its owner can open it",
            why="With it and a backup of the database, the keys of all enrolled hosts are known.",
            mend=f"chmod 600 {quoted(str(file))}   # then a new key on top of it, and: qman keys rotate",
        )
