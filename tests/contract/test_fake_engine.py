"""The engine in memory keeps the promises of every engine."""

from collections.abc import Mapping

import pytest

from app.docker_quota.objects import EngineDown, EngineState
from tests.contract.engine_contract import EngineContract, Made
from tests.fakes.engines import FakeEngine


class TestFakeEngine(EngineContract):
    @pytest.fixture
    def made(self) -> Made:
        engine = FakeEngine()
        image = engine.add_image("rig/busybox:latest", "sha256:" + "1" * 64)

        def container(name: str, labels: Mapping[str, str], volume: str | None) -> str:
            return engine.add_container(name, image, *([volume] if volume else []), labels=labels)

        def stop() -> None:
            engine.stop(EngineDown(EngineState.STOPPED, "stopped by the test"))

        return Made(engine, container, engine.add_volume, stop, engine.start)
