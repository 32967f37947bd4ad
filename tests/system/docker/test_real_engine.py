"""The SDK's engine keeps the promises of every engine, in front of a real dockerd; and what only a real one shows."""

import json
import time
from collections.abc import Mapping

import pytest

from app.docker_quota.engine import SdkEngine
from app.docker_quota.objects import EngineDown, EngineInfo, Flavour, Store
from tests.contract.engine_contract import EngineContract, Made
from tests.fakes.docker_rig import DockerRig

PATIENCE_SECONDS = 60
SECRET = "hunter2-is-the-secret"


class TestSdkEngine(EngineContract):
    @pytest.fixture
    def made(self, rig: DockerRig, engine: SdkEngine) -> Made:
        def container(name: str, labels: Mapping[str, str], volume: str | None) -> str:
            options = [f"--label={key}={value}" for key, value in labels.items()]
            return rig.create("--name", name, *options, *([f"-v={volume}:/data"] if volume else []))

        return Made(engine, container, lambda name: rig.docker("volume", "create", name), rig.stop, rig.up)


def test_the_store_is_recognised(rig: DockerRig, engine: SdkEngine) -> None:
    info = engine.info()
    assert isinstance(info, EngineInfo)
    assert (info.flavour, info.store, info.driver) == (Flavour.DOCKER, Store.LAYERDB, "overlay2")
    assert info.data_root == str(rig.root)
    assert not info.estimated


def test_secrets_are_never_shown(rig: DockerRig, engine: SdkEngine) -> None:
    feed = engine.events()
    assert not isinstance(feed, EngineDown)
    options = ("--name", "app", "-e", f"PASSWORD={SECRET}", "--label", f"traefik.auth={SECRET}", "-v", "data:/data")
    its = rig.start(f"echo {SECRET} >/dev/null; exec sleep 100", *options)
    rig.docker("exec", its, "true", SECRET)
    rig.docker("commit", its, "with/secret")
    shown = [
        engine.inspect("container", "app"),
        engine.inspect("image", "with/secret"),
        engine.inspect("volume", "data"),
    ]
    assert all(shown)
    assert SECRET not in json.dumps(shown)
    notes = list(feed.take(5))
    while "exec_die" not in {note.action for note in notes}:
        notes += feed.take(5)
    assert "exec_create" in {note.action for note in notes}
    assert SECRET not in json.dumps(notes)
    feed.close()


def test_images_share_layers_and_intermediate_ones_are_listed(rig: DockerRig, engine: SdkEngine) -> None:
    rig.build("FROM rig/busybox\nENV A=1\nRUN echo one >/one\nRUN echo two >/two", "-t", "layers/two")
    images = engine.list_images()
    assert not isinstance(images, EngineDown)
    [base] = [image for image in images if image.tags == ("rig/busybox:latest",)]
    [built] = [image for image in images if image.tags == ("layers/two:latest",)]
    assert built.layers[:1] == base.layers
    assert len(built.layers) == 3
    assert any(not image.tags for image in images)


def test_an_anonymous_volume_is_told_from_a_named_one(rig: DockerRig, engine: SdkEngine) -> None:
    rig.create("-v", "/anonymous", "-v", "named:/named")
    volumes = engine.list_volumes()
    assert not isinstance(volumes, EngineDown)
    assert sorted((volume.anonymous, volume.name == "named") for volume in volumes) == [(False, True), (True, False)]


def test_a_fast_reader_gets_every_event_of_a_burst(rig: DockerRig, engine: SdkEngine) -> None:
    feed = engine.events()
    assert not isinstance(feed, EngineDown)
    names = [f"v{number}" for number in range(50)]
    for name in names:
        rig.docker("volume", "create", name)
    told: set[str] = set()
    until = time.monotonic() + PATIENCE_SECONDS
    while not told >= set(names) and time.monotonic() < until:
        told |= {note.id for note in feed.take(5)}
    assert told >= set(names)
    assert not feed.ended
    feed.close()
