"""`qman keys`: the keys between this master and its hosts."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.bootstrap.keys import FleetKeys, ListedKeys, Rotated

EXIT_DONE, EXIT_SOME_FAILED, EXIT_BAD_SETTINGS = 0, 1, 2
_BAR = 30


def add_keys(parser: ArgumentParser) -> None:
    """Declares the arguments."""
    parser.description = "Lists and changes the keys between this master and its hosts. Run it where the master runs."
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = commands.add_parser("list", help="whose keys there are, since when, and from where; never a secret")
    rotate = commands.add_parser("rotate", help="new keys for enrolled hosts, without a gap")
    rotate.description = (
        "Changes the keys of the enrolled hosts while master and slaves run, and finishes what an earlier run left"
        " half way. Keys of SLAVES in the settings are changed by hand. Exit status: 0 all hosts have new keys, 1 some"
        " have not and keep theirs, 2 the settings cannot be read."
    )
    rotate.add_argument(
        "--host",
        action="append",
        metavar="ID",
        help="this host, may be repeated; else all that are not suspended",
    )
    for command, run in ((listing, run_list), (rotate, run_rotate)):
        command.add_argument(
            "--config", type=Path, metavar="FILE", help="the master's settings; else CONFIG_PATH, config.json"
        )
        command.add_argument("--json", action="store_true", help="print JSON instead of text")
        command.set_defaults(run=_with_fleet, then=run)


def _with_fleet(options: Namespace) -> int:
    from app.bootstrap.keys import fleet_keys  # noqa: PLC0415 - commands import what they need, --help nothing
    from app.bootstrap.logs import configure_logs  # noqa: PLC0415 - as above
    from app.quota.errors import QmanError  # noqa: PLC0415 - as above
    from app.settings.files import SettingsError  # noqa: PLC0415 - as above

    configure_logs(quiet=True)
    try:
        status: int = options.then(options, fleet_keys(options.config))
    except SettingsError as error:
        sys.stderr.write(f"qman: {error}\n")
        return EXIT_BAD_SETTINGS
    except QmanError as error:
        sys.stderr.write(f"qman: {error.detail}\n")
        return EXIT_SOME_FAILED
    return status


def run_list(options: Namespace, fleet: "FleetKeys") -> int:
    """Prints them."""
    found = fleet.listed()
    if options.json:
        _print_json([_as_json(each) for each in found])
        return EXIT_DONE
    rows = [("HOST", "FROM", "READ KEY", "SINCE", "STATE"), *(_as_row(each) for each in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    return EXIT_DONE


def run_rotate(options: Namespace, fleet: "FleetKeys") -> int:
    """Rotates and tells; gives the exit status."""
    hosts = list(dict.fromkeys(options.host)) if options.host else fleet.to_rotate()
    results: list[Rotated] = []
    for each in fleet.rotate(hosts):
        results.append(each)
        _show_progress(len(results), len(hosts), each.host)
    failed = sorted((each for each in results if each.problem), key=lambda each: each.host)
    if options.json:
        _print_json([{"host": each.host, "code": each.code, "problem": each.problem} for each in results])
    else:
        print(f"{len(results) - len(failed)} of {len(results)} hosts have new keys.")
    for each in failed:
        sys.stderr.write(f"qman: {each.host}: {each.problem}\n")
    return EXIT_SOME_FAILED if failed else EXIT_DONE


def _show_progress(done: int, total: int, host: str) -> None:
    """On a terminal alone."""
    if sys.stderr.isatty():
        bar = "#" * (_BAR * done // total)
        end = "\n" if done == total else ""
        sys.stderr.write(f"\r\x1b[K[{bar:<{_BAR}}] {done}/{total} {host}{end}")
        sys.stderr.flush()


def _as_row(keys: "ListedKeys") -> Sequence[str]:
    since = keys.keys_at.strftime("%Y-%m-%d %H:%M UTC") if keys.keys_at else "-"
    return (keys.host, keys.source, keys.read_key or "-", since, _state(keys))


def _state(keys: "ListedKeys") -> str:
    if keys.read_key is None:
        return "no keys"
    if keys.rotation:
        return f"rotation unfinished ({keys.rotation})"
    return "suspended" if keys.suspended else "ok"


def _as_json(keys: "ListedKeys") -> dict[str, object]:
    return {
        "host": keys.host,
        "source": keys.source,
        "read_key": keys.read_key,
        "keys_at": keys.keys_at.isoformat() if keys.keys_at else None,
        "rotation": keys.rotation,
        "suspended": keys.suspended,
    }


def _print_json(found: object) -> None:
    print(json.dumps(found, indent=1, ensure_ascii=False))
