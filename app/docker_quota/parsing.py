"""The Engine API's JSON as values. Garbage raises ValueError, TypeError, KeyError or AttributeError.

The source of the shapes is Docker's API reference, 1.41 to 1.51, and what Podman 4 answers at the same paths.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.docker_quota.objects import (
    CacheRecord,
    Container,
    Detail,
    EngineInfo,
    Estimate,
    EventNote,
    Flavour,
    Image,
    ImageSize,
    Mount,
    Store,
    Volume,
)

MALFORMED = (ValueError, TypeError, KeyError, AttributeError)
"""What the functions here raise where the answer has another shape."""
LAYERED_DRIVERS = ("overlay2",)
_SNAPSHOTTER = "io.containerd.snapshotter.v1"
_ANONYMOUS = re.compile(r"[0-9a-f]{64}")
_ANONYMOUS_LABEL = "com.docker.volume.anonymous"
_FRACTION = re.compile(r"\.(\d+)")
_SHOWN_LABELS = re.compile(
    r"qman\..*|com\.docker\.compose\.(project|service)|org\.opencontainers\.image\.(title|version)"
)
_OF_PODMAN = (
    "Podman keeps no Docker layer store: sizes are its own figures, and logs are not in them.",
    "Podman has no build cache apart from images.",
    "Podman's events end with its service, which stops when idle: only full listings tell what is there.",
)
_OF_CONTAINERD = ("The containerd image store has no layer database: sizes of images are the engine's own figures.",)


def engine_info(version: Mapping[str, Any], info: Mapping[str, Any]) -> EngineInfo:
    """From `/version` and `/info`."""
    components = [str(each.get("Name", "")) for each in version.get("Components") or ()]
    flavour = Flavour.PODMAN if any("podman" in name.lower() for name in components) else Flavour.DOCKER
    driver, status = str(info["Driver"]), info.get("DriverStatus") or ()
    by_snapshotter = any(list(pair) == ["driver-type", _SNAPSHOTTER] for pair in status)
    lacks: tuple[str, ...] = ()
    if flavour is Flavour.PODMAN:
        store, lacks = Store.OTHER, _OF_PODMAN
    elif by_snapshotter:
        store, lacks = Store.CONTAINERD, _OF_CONTAINERD
    elif driver in LAYERED_DRIVERS:
        store = Store.LAYERDB
    else:
        store, lacks = (
            Store.OTHER,
            (f"The storage driver {driver} is not measured: sizes are the engine's own figures.",),
        )
    return EngineInfo(flavour, str(version["Version"]), store, driver, str(info["DockerRootDir"]), lacks)


def container(entry: Mapping[str, Any]) -> Container:
    """From an entry of `/containers/json`."""
    names = [str(name).removeprefix("/") for name in entry.get("Names") or ()]
    own = [name for name in names if "/" not in name]  # the others are links of other containers
    return Container(
        id=_text(entry["Id"]),
        name=(own or names or [_text(entry["Id"])[:12]])[0],
        image=_text(entry.get("Image") or ""),
        image_id=_text(entry.get("ImageID") or ""),
        state=_text(entry.get("State") or "unknown"),
        created_at=int(entry["Created"]),
        labels=_labels(entry),
        mounts=tuple(
            Mount(_text(each["Name"]), _text(each.get("Destination") or ""))
            for each in entry.get("Mounts") or ()
            if each.get("Type") == "volume" and each.get("Name")
        ),
    )


def detail(inspected: Mapping[str, Any]) -> Detail:
    """From `/containers/<id>/json`."""
    return Detail(nanoseconds(inspected["Created"]), bool((inspected.get("HostConfig") or {}).get("AutoRemove")))


def image(entry: Mapping[str, Any], layers: Sequence[str]) -> Image:
    """From an entry of `/images/json`; the layers are those of its inspect."""
    tags = tuple(str(tag) for tag in entry.get("RepoTags") or () if tag != "<none>:<none>")
    return Image(_text(entry["Id"]), tags, int(entry["Created"]), tuple(map(_text, layers)), _labels(entry))


def layers_of(inspected: Mapping[str, Any]) -> tuple[str, ...]:
    """The diff ids of `/images/<id>/json`; none for an image without files."""
    return tuple(map(_text, (inspected.get("RootFS") or {}).get("Layers") or ()))


def volume(entry: Mapping[str, Any]) -> Volume:
    """From an entry of `/volumes`."""
    name, labels = _text(entry["Name"]), _labels(entry)
    created = entry.get("CreatedAt")
    return Volume(
        name,
        _text(entry.get("Driver") or "local"),
        nanoseconds(created) // 10**9 if created else 0,
        labels,
        anonymous=_ANONYMOUS_LABEL in labels or _ANONYMOUS.fullmatch(name) is not None,
    )


def estimate(
    usage: Mapping[str, Any],
    containers: Sequence[Mapping[str, Any]],
    histories: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Estimate:
    """From `/system/df`, `/containers/json?size=1` and `/images/<id>/history`. SizeRw is absent where it is 0.

    A volume whose size the engine does not know has -1 there.
    """
    totals = {_text(each["Id"]): int(each.get("Size") or 0) for each in usage.get("Images") or ()}
    return Estimate(
        containers={_text(each["Id"]): int(each.get("SizeRw") or 0) for each in containers},
        images={
            its: ImageSize(totals[its], tuple(int(step.get("Size") or 0) for step in reversed(steps)))
            for its, steps in histories.items()
            if its in totals
        },
        volumes={
            _text(each["Name"]): max(0, int((each.get("UsageData") or {}).get("Size") or 0))
            for each in usage.get("Volumes") or ()
        },
        cache={
            _text(each["ID"]): int(each.get("Size") or 0)
            for each in usage.get("BuildCache") or ()
            if not each.get("Shared")
        },
    )


def build_cache(usage: Mapping[str, Any]) -> Mapping[str, CacheRecord]:
    """From `/system/df`, by id."""
    return {_text(each["ID"]): _cache_record(each) for each in usage.get("BuildCache") or ()}


def _cache_record(entry: Mapping[str, Any]) -> CacheRecord:
    used = entry.get("LastUsedAt")
    return CacheRecord(
        created_ns=nanoseconds(entry["CreatedAt"]),
        last_used_ns=nanoseconds(used) if used else None,
        in_use=bool(entry.get("InUse")),
        shared=bool(entry.get("Shared")),
        usage_count=int(entry.get("UsageCount") or 0),
    )


def event(message: Mapping[str, Any]) -> EventNote | None:
    """From a line of `/events`; None for what is about no object. The command line of an exec is cut off."""
    actor = message.get("Actor") or {}
    if not actor.get("ID"):
        return None
    action = _text(message.get("Action") or "").partition(":")[0]
    return EventNote(_text(message.get("Type") or ""), action, _text(actor["ID"]), int(message.get("timeNano") or 0))


def shown(kind: str, inspected: Mapping[str, Any]) -> Mapping[str, Any]:
    """What may be shown of an object: named members only, so that no secret of a later version slips through."""
    config = inspected.get("Config") or {}
    labels = (config if kind != "volume" else inspected).get("Labels") or {}
    answer: dict[str, Any] = {"labels": {key: labels[key] for key in sorted(labels) if _SHOWN_LABELS.fullmatch(key)}}
    if kind == "container":
        host, state = inspected.get("HostConfig") or {}, inspected.get("State") or {}
        answer |= {
            "id": inspected["Id"],
            "name": _text(inspected["Name"]).removeprefix("/"),
            "image": config.get("Image"),
            "created_at": inspected["Created"],
            "state": state.get("Status"),
            "started_at": state.get("StartedAt"),
            "exit_code": state.get("ExitCode"),
            "auto_remove": bool(host.get("AutoRemove")),
            "restart_policy": (host.get("RestartPolicy") or {}).get("Name"),
            "log_driver": (host.get("LogConfig") or {}).get("Type"),
            "mounts": [
                {"type": each.get("Type"), "name": each.get("Name"), "destination": each.get("Destination")}
                for each in inspected.get("Mounts") or ()
            ],
        }
    elif kind == "image":
        answer |= {
            "id": inspected["Id"],
            "tags": inspected.get("RepoTags") or [],
            "created_at": inspected.get("Created"),
        }
        answer |= {"architecture": inspected.get("Architecture"), "layers": list(layers_of(inspected))}
    else:
        answer |= {
            "name": inspected["Name"],
            "driver": inspected.get("Driver"),
            "created_at": inspected.get("CreatedAt"),
        }
    return answer


def nanoseconds(text: str) -> int:
    """An RFC 3339 instant, with up to nine decimals, as Unix nanoseconds."""
    found = _FRACTION.search(text)
    fraction = found[1][:9].ljust(9, "0") if found else "0"
    whole = datetime.fromisoformat(_FRACTION.sub("", text, count=1))
    return int(whole.timestamp()) * 10**9 + int(fraction)


def _labels(entry: Mapping[str, Any]) -> Mapping[str, str]:
    return {str(key): str(value) for key, value in (entry.get("Labels") or {}).items()}


def _text(value: object) -> str:
    if not isinstance(value, str):
        message = f"text expected, found {type(value).__name__}"
        raise TypeError(message)
    return value
