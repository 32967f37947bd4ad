"""What every engine promises, real or fake. A subclass gives the fixture `made`."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from app.docker_quota.objects import Detail, Engine, EngineDown, EngineInfo, EventFeed, EventNote

T = TypeVar("T")

NOBODY = "f" * 64
PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class Made:
    """An engine with one image of one layer, and how to make things in it and to stop and start it."""

    engine: Engine
    container: Callable[[str, dict[str, str], str | None], str]
    volume: Callable[[str], str]
    stop: Callable[[], None]
    start: Callable[[], None]


class EngineContract:
    """Subclass it as `Test…` and give the fixture `made`."""

    def test_it_says_what_it_is(self, made: Made) -> None:
        info = made.engine.info()
        assert isinstance(info, EngineInfo)
        assert info.version
        assert info.data_root.startswith("/")
        assert info.estimated == bool(info.lacks)

    def test_a_container_is_listed_with_its_label_and_volume(self, made: Made) -> None:
        made.volume("data")
        its = made.container("web", {"qman.user": "alice"}, "data")
        containers = made.engine.list_containers()
        assert not isinstance(containers, EngineDown)
        [found] = [each for each in containers if each.id == its]
        assert (found.name, found.labels["qman.user"]) == ("web", "alice")
        assert [mount.volume for mount in found.mounts] == ["data"]
        assert found.image_id in {image.id for image in _listed(made.engine.list_images())}
        assert "data" in {volume.name for volume in _listed(made.engine.list_volumes())}

    def test_the_instant_of_creation_is_exact_and_agrees_with_the_list(self, made: Made) -> None:
        its = made.container("web", {}, None)
        [found] = [each for each in _listed(made.engine.list_containers()) if each.id == its]
        detail = made.engine.detail(its)
        assert isinstance(detail, Detail)
        assert detail.created_ns // 10**9 == found.created_at
        assert detail.created_ns % 10**9

    def test_images_have_their_layers(self, made: Made) -> None:
        images = _listed(made.engine.list_images())
        assert images
        assert all(len(layer) == 71 for image in images for layer in image.layers)

    def test_a_container_is_stopped_and_removed_and_each_may_be_asked_again(self, made: Made) -> None:
        its = made.container("web", {}, None)
        assert [made.engine.stop_container(its, 1), made.engine.stop_container(its, 1)] == [True, True]
        assert [made.engine.remove_container(its), made.engine.remove_container(its)] == [True, False]
        assert made.engine.stop_container(its, 1) is False
        assert its not in {each.id for each in _listed(made.engine.list_containers())}

    def test_what_is_not_there_is_none(self, made: Made) -> None:
        assert made.engine.detail(NOBODY) is None
        assert [made.engine.inspect(kind, NOBODY) for kind in ("container", "image", "volume")] == [None] * 3

    def test_a_subscription_tells_of_what_comes_after_it(self, made: Made) -> None:
        feed = made.engine.events()
        assert not isinstance(feed, EngineDown)
        its = made.container("web", {}, None)
        assert ("container", "create", its) in [note[:3] for note in _taken_until(feed, its)]
        assert not feed.ended
        feed.close()

    def test_one_from_an_instant_on_tells_of_what_was_before(self, made: Made) -> None:
        its = made.container("web", {}, None)
        feed = made.engine.events(since=0)
        assert not isinstance(feed, EngineDown)
        assert ("container", "create", its) in [note[:3] for note in _taken_until(feed, its)]
        feed.close()

    def test_a_stopped_engine_is_a_state_and_comes_back(self, made: Made) -> None:
        its = made.container("web", {}, None)
        feed = made.engine.events()
        assert not isinstance(feed, EngineDown)
        made.stop()
        for answer in (
            made.engine.info(),
            made.engine.list_containers(),
            made.engine.detail(its),
            made.engine.events(),
        ):
            assert isinstance(answer, EngineDown)
            assert answer.state == "stopped"
        ends = time.monotonic() + PATIENCE_SECONDS
        while not feed.ended and time.monotonic() < ends:
            feed.take(0.1)
        assert feed.ended
        made.start()
        assert its in {each.id for each in _listed(made.engine.list_containers())}


def _listed(answer: T | EngineDown) -> T:
    assert not isinstance(answer, EngineDown)
    return answer


def _taken_until(feed: EventFeed, object_id: str) -> list[EventNote]:
    taken: list[EventNote] = []
    ends = time.monotonic() + PATIENCE_SECONDS
    while object_id not in {note.id for note in taken} and time.monotonic() < ends:
        taken += feed.take(0.1)
    return taken
