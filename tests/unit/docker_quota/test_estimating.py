"""Where the store cannot be measured, the engine's own figures stand in, each layer once."""

from pathlib import Path

import pytest

from app.docker_quota.accounting import chain_ids
from app.docker_quota.estimating import estimate_store, estimated
from app.docker_quota.objects import EngineDown, EngineState, Estimate, Image, ImageSize
from app.docker_quota.parsing import estimate
from app.quota.errors import BackendError
from tests.fakes.engines import FakeEngine

A, B, C = (f"sha256:{letter * 64}" for letter in "abc")


def image(name: str, *layers: str) -> Image:
    return Image(name, (name,), 1, layers)


def sizes_of(*layers: str, images: list[Image], sizes: dict[str, ImageSize]) -> list[int]:
    found = estimated(images, Estimate({}, sizes, {}, {}), 0)
    assert found.used == sum(layer.bytes for layer in found.layers.values())
    return [found.layers[chain].bytes for chain in chain_ids(layers)]


def test_sizes_of_the_history_are_those_of_its_layers() -> None:
    sizes = {"i": ImageSize(60, (10, 0, 20, 0, 30))}
    assert sizes_of(A, B, C, images=[image("i", A, B, C)], sizes=sizes) == [10, 20, 30]


def test_where_they_do_not_fit_the_image_counts_with_its_topmost_layer() -> None:
    images = [image("upper", A, B, C), image("base", A)]
    sizes = {"upper": ImageSize(60, (10, 0)), "base": ImageSize(10, (10,))}
    assert sizes_of(A, B, C, images=images, sizes=sizes) == [10, 0, 50]


def test_a_shared_layer_counts_once() -> None:
    images = [image("one", A, B), image("two", A, C)]
    sizes = {"one": ImageSize(30, (10, 20)), "two": ImageSize(40, (10, 30))}
    assert estimated(images, Estimate({}, sizes, {}, {}), 0).used == 60


def test_sizes_that_are_absent_or_unknown_are_nothing() -> None:
    usage = {
        "Images": None,
        "Volumes": [{"Name": "v", "UsageData": {"Size": -1}}, {"Name": "w", "UsageData": None}],
        "BuildCache": [{"ID": "r", "Size": 5}, {"ID": "s", "Size": 7, "Shared": True}],
    }
    found = estimate(usage, [{"Id": "c"}, {"Id": "d", "SizeRw": 3}], {"gone": []})
    assert found == Estimate({"c": 0, "d": 3}, {}, {"v": 0, "w": 0}, {"r": 5})


def test_an_engine_that_is_away_is_an_error_that_passes() -> None:
    engine = FakeEngine()
    engine.down = EngineDown(EngineState.STOPPED, "It was stopped.")
    with pytest.raises(BackendError, match="It was stopped"):
        estimate_store(engine, Path("/"))
