"""An image is the first one's who brought it, of those that were at it since it was last not there."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.docker_quota.objects import ObjectKind
from tests.fakes.docker_ledger import KeptLedger

A = f"sha256:{'a' * 64}"
ALICES, BOBS, NOBODYS = (1000, "proxy", "certain"), (1001, "proxy", "certain"), (None, "none", "unknown")


@pytest.fixture
def kept(tmp_path: Path) -> KeptLedger:
    made = KeptLedger(tmp_path)
    assert made.look() == "ok"
    return made


def owner(kept: KeptLedger, image: str) -> tuple[int | None, str, str]:
    return kept.owner(ObjectKind.IMAGE, image)


def test_of_two_who_built_it_before_it_was_seen_it_is_the_firsts(kept: KeptLedger) -> None:
    its = kept.engine.add_image("built", A)
    kept.journal("image", its, 1000, kept.clock.now)
    kept.journal("image", its, 1001, kept.clock.now + timedelta(seconds=0.5))
    for _ in range(2):
        kept.look()
        assert owner(kept, its) == ALICES
        assert kept.owner(ObjectKind.LAYER, A) == (1000, "layer", "certain")


def test_the_first_is_who_was_done_first(kept: KeptLedger) -> None:
    its = kept.engine.add_image("built", A)
    kept.journal("image", its, 1001, kept.clock.now + timedelta(seconds=0.2))
    kept.journal("image", its, 1000, kept.clock.now, seconds=0.9)
    kept.look()
    assert owner(kept, its) == BOBS


def test_who_asked_while_everything_was_being_listed_is_the_first_too(kept: KeptLedger) -> None:
    its = kept.engine.add_image("built", A)

    def meanwhile() -> None:
        kept.clock.advance(1)
        kept.journal("image", its, 1000, kept.clock.now, seconds=0.5)
        kept.clock.advance(1)

    kept.engine.before_images = meanwhile
    kept.look()
    kept.look()
    assert owner(kept, its) == ALICES


def test_who_asks_for_what_somebody_brought_past_the_proxy_did_not_bring_it(kept: KeptLedger) -> None:
    its = kept.engine.add_image("built", A)
    kept.look()
    kept.clock.advance(1)
    kept.journal("image", its, 1001, kept.clock.now)
    kept.look()
    assert owner(kept, its) == NOBODYS


def test_who_brought_it_before_it_was_removed_has_nothing_of_what_came_back(kept: KeptLedger) -> None:
    its = kept.engine.add_image("pulled", A)
    kept.journal("image", its, 1000, kept.clock.now)
    kept.look()
    image = kept.engine.images.pop(its)
    for _ in range(3):
        kept.look()
    kept.engine.images[its] = image
    kept.look()
    assert owner(kept, its) == NOBODYS
    kept.engine.images.pop(its)
    kept.look()
    kept.clock.advance(1)
    for uid in (1001, 1000):
        kept.journal("image", its, uid, kept.clock.now)
        kept.clock.advance(1)
    kept.engine.images[its] = image
    for _ in range(2):
        kept.look()
        assert owner(kept, its) == BOBS
