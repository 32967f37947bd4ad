"""What engines answer, as values: Docker of several versions, Podman, and what is malformed."""

import json
from typing import Any

import pytest

from app.docker_quota import parsing
from app.docker_quota.objects import Flavour, Store

SECRET = "hunter2"
DOCKER = {"Version": "29.0.1", "Components": [{"Name": "Engine"}, {"Name": "containerd"}]}
PODMAN = {"Version": "4.3.1", "Components": [{"Name": "Podman Engine"}, {"Name": "Conmon"}]}
ENTRY: dict[str, Any] = {"Id": "a" * 64, "Names": ["/web"], "Image": "busybox", "ImageID": "sha256:1", "Created": 1}


def info(driver: str, *status: list[str]) -> dict[str, Any]:
    return {"Driver": driver, "DriverStatus": list(status), "DockerRootDir": "/var/lib/docker"}


def test_the_containerd_image_store_is_recognised_and_estimated() -> None:
    found = parsing.engine_info(DOCKER, info("overlayfs", ["driver-type", "io.containerd.snapshotter.v1"]))
    assert (found.store, found.estimated) == (Store.CONTAINERD, True)
    assert found.lacks


def test_podman_is_recognised_and_what_it_lacks_is_said() -> None:
    found = parsing.engine_info(PODMAN, info("overlay", ["Backing Filesystem", "extfs"]))
    assert (found.flavour, found.store, found.estimated) == (Flavour.PODMAN, Store.OTHER, True)
    assert len(found.lacks) > 1


def test_dockers_own_store_is_measured() -> None:
    found = parsing.engine_info(DOCKER, info("overlay2", ["Backing Filesystem", "extfs"]))
    assert (found.store, found.estimated, found.lacks) == (Store.LAYERDB, False, ())
    assert parsing.engine_info(DOCKER, info("btrfs")).lacks == (
        "The storage driver btrfs is not measured: sizes are the engine's own figures.",
    )


def test_the_name_is_the_containers_own_not_that_of_a_link() -> None:
    assert parsing.container(ENTRY | {"Names": ["/other/alias", "/web"]}).name == "web"
    assert parsing.container(ENTRY | {"Names": None}).name == "a" * 12


def test_bind_mounts_are_no_volumes() -> None:
    mounts = [
        {"Type": "bind", "Source": "/home", "Destination": "/h"},
        {"Type": "volume", "Name": "data", "Destination": "/d", "RW": False},
        {"Type": "tmpfs", "Destination": "/t"},
    ]
    assert parsing.container(ENTRY | {"Mounts": mounts}).mounts == (("data", "/d"),)


@pytest.mark.parametrize(
    "broken",
    [{}, {"Id": 5, "Created": 1}, ENTRY | {"Created": "then"}, ENTRY | {"Mounts": [7]}, ENTRY | {"Labels": [1]}],
)
def test_garbage_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(parsing.MALFORMED):
        parsing.container(broken)


def test_instants_keep_their_nanoseconds() -> None:
    assert parsing.nanoseconds("2026-11-21T04:00:00.123456789Z") == 1_795_233_600_123_456_789
    assert parsing.nanoseconds("2026-11-21T05:00:00.5+01:00") == 1_795_233_600_500_000_000
    assert parsing.nanoseconds("2026-11-21T04:00:00Z") == 1_795_233_600_000_000_000


def test_an_exec_is_told_without_its_command_line() -> None:
    message = {
        "Type": "container",
        "Action": f"exec_create: mysql -p{SECRET}",
        "Actor": {"ID": "a" * 64},
        "timeNano": 7,
    }
    assert parsing.event(message) == ("container", "exec_create", "a" * 64, 7)
    assert parsing.event({"Type": "builder", "Action": "prune", "Actor": {"ID": ""}}) is None


def test_members_that_may_hold_secrets_are_not_shown() -> None:
    config = {
        "Env": [SECRET],
        "Cmd": [SECRET],
        "Entrypoint": [SECRET],
        "Healthcheck": {"Test": [SECRET]},
        "Labels": {"qman.user": "alice", "secret": SECRET},
        "Image": "busybox",
    }
    inspected = {
        "Id": "a" * 64,
        "Name": "/web",
        "Created": "2026-11-21T04:00:00Z",
        "Path": SECRET,
        "Args": [SECRET],
        "Config": config,
        "ContainerConfig": config,
        "HostConfig": {"LogConfig": {"Type": "splunk", "Config": {"splunk-token": SECRET}}, "Binds": [SECRET]},
        "State": {"Error": SECRET, "Health": {"Log": [SECRET]}, "Status": "running"},
        "Mounts": [{"Type": "volume", "Name": "data", "Destination": "/data", "Source": SECRET}],
        "Options": {"password": SECRET},
        "Labels": {"secret": SECRET},
    }
    for kind in ("container", "image", "volume"):
        assert SECRET not in json.dumps(parsing.shown(kind, inspected))
    shown = parsing.shown("container", inspected)
    assert (shown["name"], shown["labels"], shown["log_driver"]) == ("web", {"qman.user": "alice"}, "splunk")
