"""`qman docker`: who fills Docker's store on this host, what is not certain, and what enforcement would do."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.tables import ago, as_table, size

if TYPE_CHECKING:
    from app.docker_quota.enforcement.values import Case, Step
    from app.quota.errors import QmanError
    from app.slave.docker_desk import DockerDesk

EXIT_DONE, EXIT_FAILED, EXIT_BAD_SETTINGS = 0, 1, 2
_KINDS = ("container", "image", "volume", "cache")
_SHORT = 12
_WHY_NOTHING = {
    "not_measured": "the store was not measured within the last 15 minutes: does the slave run?",
    "engine_down": "Docker's engine does not answer",
    "no_names": "the user database does not say who is exempt",
}
_DESCRIPTION = (
    "Tells who uses how much of Docker's store on this host, by the database of the slave, whether that runs or not."
    " Run it as the slave's user, or as root. Exit status: 0 done, 1 it cannot be done or is not there, 2 the settings"
    " or arguments are wrong."
)


def add_docker(parser: ArgumentParser) -> None:
    """Declares the arguments."""
    parser.description = _DESCRIPTION
    _add_common(parser, run_usage)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    objects = commands.add_parser("objects", help="containers, images, volumes and build cache, the largest first")
    objects.add_argument("--user", metavar="NAME", help="what counts for this user alone: a name or a uid")
    objects.add_argument("--kind", choices=_KINDS, help="of this kind alone")
    _add_common(objects, run_objects)
    review = commands.add_parser("review", help="what is not certainly somebody's, the largest first")
    _add_common(review, run_review)
    attribute = commands.add_parser("attribute", help="say whose an object is")
    attribute.description = "Says whose an object is; it counts at once and is kept in the object's history."
    attribute.add_argument("kind", choices=(*_KINDS, "layer"), metavar="KIND", help=", ".join((*_KINDS, "layer")))
    attribute.add_argument("id", metavar="ID", help="its id, the beginning of it, or its name")
    whose = attribute.add_mutually_exclusive_group(required=True)
    whose.add_argument("user", nargs="?", metavar="USER", help="a name or a uid")
    whose.add_argument("--nobody", action="store_true", help="it is nobody's")
    attribute.add_argument("--reason", required=True, metavar="TEXT", help="why, for the history")
    _add_common(attribute, run_attribute)
    enforce = commands.add_parser("enforce", help="what a round of enforcement would do now, and why")
    enforce.description = "Shows what the next round would do if it were now. The rounds themselves are the worker's."
    enforce.add_argument("--dry-run", action="store_true", required=True, help="nothing is done, recorded or told")
    _add_common(enforce, run_enforce)


def _add_common(parser: ArgumentParser, then: Any) -> None:
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="the slave's settings; else CONFIG_PATH, config.json"
    )
    parser.add_argument("--json", action="store_true", help="print JSON: bytes, and instants in UTC")
    parser.set_defaults(run=_at_desk, then=then)


def _at_desk(options: Namespace) -> int:
    from app.bootstrap.docker_desk import docker_desk  # noqa: PLC0415 - commands import what they need, --help nothing
    from app.bootstrap.logs import configure_logs  # noqa: PLC0415 - as above
    from app.quota.errors import QmanError  # noqa: PLC0415 - as above
    from app.settings.files import SettingsError  # noqa: PLC0415 - as above

    configure_logs(quiet=True)
    try:
        status: int = options.then(options, docker_desk(options.config))
    except SettingsError as error:
        sys.stderr.write(f"qman: {error}\n")
        return EXIT_BAD_SETTINGS
    except QmanError as error:
        sys.stderr.write(f"qman: {_told(error)}\n")
        return EXIT_FAILED
    return status


def _told(error: "QmanError") -> str:
    faults = [f'{fault.field}: found "{fault.found}", expected {fault.expected}' for fault in error.fields]
    return f"{error.detail} {'; '.join(faults)}".rstrip()


def run_usage(options: Namespace, desk: "DockerDesk") -> int:
    """Who uses what."""
    store = desk.store()
    if options.json:
        return _as_json(store)
    head = ("USER", "USED", "LIMIT", "CONTAINERS", "IMAGES", "VOLUMES", "BUILD CACHE", "PERHAPS")
    parts = ("container_bytes", "image_layer_bytes", "volume_bytes", "build_cache_bytes", "claimed_bytes")
    rows = [
        (_name(each), size(each["used_bytes"]), size(each["limit_bytes"]), *(size(each[part]) for part in parts))
        for each in store["shares"]
    ]
    print(as_table(head, rows, right=frozenset(range(1, len(head)))), end="")
    print(
        f"{size(store['used_bytes'])} of {size(store['total_bytes'])} used, {size(store['unattributed_bytes'])} of it"
        f" nobody's; measured {_ago(store['measured_at'])}{_state(store)}"
    )
    return EXIT_DONE


def _state(store: Mapping[str, Any]) -> str:
    estimated = ", estimated by the engine's own figures" if store["estimated"] else ""
    return estimated if store["state"] == "ok" else f"{estimated}; since then: {store['state']}, {store['detail']}"


def run_objects(options: Namespace, desk: "DockerDesk") -> int:
    """What there is."""
    return _print_things(options, desk.things(options.user, options.kind))


def run_review(options: Namespace, desk: "DockerDesk") -> int:
    """What is not certain."""
    return _print_things(options, desk.review())


def _print_things(options: Namespace, things: Sequence[Mapping[str, Any]]) -> int:
    if options.json:
        return _as_json(things)
    rows = [
        (
            size(each["bytes"]),
            each["kind"],
            each["id"].removeprefix("sha256:")[:_SHORT] if each["kind"] != "volume" else each["id"],
            "" if each["name"] == each["id"] else each["name"],
            _whose(each["attribution"]),
            each["attribution"]["certainty"],
            _ago(each["created_at"]),
        )
        for each in things
    ]
    head = ("SIZE", "KIND", "ID", "NAME", "WHOSE", "CERTAINTY", "CREATED")
    print(as_table(head, rows, right=frozenset({0})), end="")
    return EXIT_DONE


def run_attribute(options: Namespace, desk: "DockerDesk") -> int:
    """Keeps it, and says what holds now."""
    its = desk.attribute(options.kind, options.id, None if options.nobody else options.user, options.reason)
    if options.json:
        return _as_json(its)
    print(f"{its['kind']} {its['name'] or its['id']} is {_whose(its['attribution'])}'s now")
    return EXIT_DONE


def run_enforce(options: Namespace, desk: "DockerDesk") -> int:
    """What would be done, and why."""
    planned = desk.plan()
    if isinstance(planned, str):
        sys.stderr.write(f"qman: a round would do nothing: {_WHY_NOTHING.get(planned, planned)}\n")
        return EXIT_FAILED
    steps = [_step(case, step) for case, its in planned for step in its if step.explanation]
    if options.json:
        return _as_json(steps)
    for each in steps:
        print(f"{each['type']}  {each['explanation']}")
    if not steps:
        print("Nothing: nobody is above their hard limit who was not dealt with.")
    return EXIT_DONE


def _step(case: "Case", step: "Step") -> dict[str, Any]:
    its = step.container
    return {
        "type": step.kind.value,
        "uid": case.uid,
        "user": case.name,
        "used_bytes": case.used,
        "limit_bytes": case.limit,
        "container": None if its is None else {"id": its.id, "name": its.name},
        "explanation": step.explanation,
    }


def _whose(its: Mapping[str, Any]) -> str:
    if its["candidates"]:
        return " or ".join(_name(each) for each in its["candidates"])
    return "nobody" if its["uid"] is None else _name(its)


def _name(its: Mapping[str, Any]) -> str:
    return str(its["user"] or f"#{its['uid']}")


def _ago(text: str | None) -> str:
    from app.quota.clock import utc_now  # noqa: PLC0415 - as above

    return ago(datetime.fromisoformat(text) if text else None, utc_now())


def _as_json(found: object) -> int:
    print(json.dumps(found, indent=1, ensure_ascii=False))
    return EXIT_DONE
