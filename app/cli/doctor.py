"""`qman doctor`: examines this host and prints what is wrong, with the command that mends it."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.slave.doctor.checks import Report
    from app.slave.doctor.findings import Finding

EXIT_FINE, EXIT_FINDINGS, EXIT_BAD_SETTINGS = 0, 1, 2
_SECONDS = 30.0
_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "fine": "\x1b[1;32m"}
_PLAIN = "\x1b[0m"


def add_doctor(parser: ArgumentParser) -> None:
    """Declares the arguments."""
    parser.description = (
        "Examines the quota set-up of this host: filesystems, capabilities, clock, keys, database, Docker, ZFS, Btrfs."
        " Changes nothing, ends within half a minute whatever hangs, and needs no running slave. Exit status: 0 nothing"
        " is wrong, 1 something is, 2 the settings cannot be read. Run it as the slave's user, or as root to see all."
        " With the settings of a master: who can open them, and whether the stored keys of hosts open."
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="the slave's or master's settings; else CONFIG_PATH, config.json"
    )
    parser.add_argument("--json", action="store_true", help="print a list of findings instead of text")
    parser.set_defaults(run=run)


def run(options: Namespace) -> int:
    """Examines and prints; gives the exit status."""
    from app.bootstrap.doctor import examine_apart, read_settings_to_examine  # noqa: PLC0415 - commands import what they need, --help nothing
    from app.settings.files import SettingsError  # noqa: PLC0415 - as above

    try:
        path, settings = read_settings_to_examine(options.config)
    except SettingsError as error:
        sys.stderr.write(f"qman: {error}\n")
        return EXIT_BAD_SETTINGS
    report = examine_apart(path, settings, _SECONDS)
    sys.stdout.write(as_json(report) if options.json else as_text(report, in_colour=sys.stdout.isatty()))
    return EXIT_FINDINGS if report.findings else EXIT_FINE


def as_json(report: "Report") -> str:
    """A list of findings."""
    import json  # noqa: PLC0415 - as above
    from dataclasses import asdict  # noqa: PLC0415 - as above

    return json.dumps([asdict(finding) for finding in report.findings], indent=1, ensure_ascii=False) + "\n"


def as_text(report: "Report", *, in_colour: bool) -> str:
    """A block for each finding, and a line that sums up."""
    blocks = [_block(finding, in_colour=in_colour) for finding in report.findings]
    checked = f"Checked: {', '.join(report.checked)}.\n"
    if not blocks:
        return f"{_coloured('fine', 'All right.', in_colour=in_colour)} {checked}"
    errors = sum(finding.severity == "error" for finding in report.findings)
    counted = [_counted(errors, "error"), _counted(len(blocks) - errors, "warning")]
    return "\n".join([*blocks, f"{checked}{' and '.join(filter(None, counted))}.\n"])


def _block(finding: "Finding", *, in_colour: bool) -> str:
    head = _coloured(finding.severity, finding.severity.upper(), in_colour=in_colour)
    return (
        f"{head}  {finding.subject}: {finding.found}  [{finding.code}]\n  why   {finding.why}\n  mend  {finding.mend}\n"
    )


def _coloured(kind: str, text: str, *, in_colour: bool) -> str:
    return f"{_COLOURS[kind]}{text}{_PLAIN}" if in_colour else text


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""
