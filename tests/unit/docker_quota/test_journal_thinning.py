"""The journal of the proxy: what says whose something is stays, whatever its age; the rest goes after 30 days."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.db.repositories.docker_journal import DockerJournalRepository
from app.docker_quota.objects import ObjectKind
from app.docker_quota.rounds import TIDY_SECONDS, LedgerRounds
from app.docker_quota.thinning import KEPT, thin_journal
from tests.fakes.docker_ledger import KeptLedger
from tests.fakes.engines import NOW

A = f"sha256:{'a' * 64}"
LATER = KEPT.total_seconds() + 60


@pytest.fixture
def kept(tmp_path: Path) -> KeptLedger:
    made = KeptLedger(tmp_path)
    assert made.look() == "ok"
    return made


def left(kept: KeptLedger, kind: str, object_id: str) -> list[int | None]:
    """Whom the journal names, in order."""
    with kept.database.read() as connection:
        return [each.uid for each in DockerJournalRepository(connection).entries(kind, [object_id])]


def tidy_after(kept: KeptLedger, seconds: float) -> None:
    kept.clock.advance(seconds)
    kept.look()
    thin_journal(kept.database, kept.clock.now)


def test_what_says_whose_something_is_stays(kept: KeptLedger) -> None:
    web, image = kept.engine.add_container("web"), kept.engine.add_image("built", A)
    kept.engine.add_volume("data")
    for kind, its in (("container", web), ("image", image)):
        kept.journal(kind, its, 1000, kept.clock.now)
    kept.journal("volume", "data", 1000, datetime.fromtimestamp(NOW, UTC) - timedelta(seconds=0.01))
    kept.look()
    owners = [kept.owner(*each) for each in ((ObjectKind.CONTAINER, web), (ObjectKind.IMAGE, image))]
    for _ in range(3):
        tidy_after(kept, LATER)
    assert [left(kept, *each) for each in (("container", web), ("image", image), ("volume", "data"))] == [[1000]] * 3
    assert [kept.owner(*each) for each in ((ObjectKind.CONTAINER, web), (ObjectKind.IMAGE, image))] == owners
    assert owners == [(1000, "proxy", "certain")] * 2


def test_what_is_gone_and_forgotten_goes_and_networks(kept: KeptLedger) -> None:
    web = kept.engine.add_container("web")
    kept.journal("container", web, 1000, kept.clock.now)
    kept.journal("network", "n1", 1000, kept.clock.now)
    kept.look()
    kept.engine.remove_container(web)
    tidy_after(kept, LATER - 120)
    assert (left(kept, "container", web), left(kept, "network", "n1")) == ([1000], [1000])
    tidy_after(kept, 120)
    assert (left(kept, "container", web), left(kept, "network", "n1")) == ([1000], []), "it may come back yet"
    tidy_after(kept, LATER)
    assert left(kept, "container", web) == []


def test_who_asked_again_for_what_was_there_goes(kept: KeptLedger) -> None:
    image, volume = kept.engine.add_image("built", A), kept.engine.add_volume("data")
    kept.journal("image", image, 1000, kept.clock.now)
    kept.look()
    for _ in range(50):
        kept.clock.advance(10)
        kept.journal("image", image, 1001, kept.clock.now)
        kept.journal("volume", volume, 1001, kept.clock.now)
    tidy_after(kept, 60)
    assert len(left(kept, "image", image)) == 51
    tidy_after(kept, LATER)
    assert (left(kept, "image", image), left(kept, "volume", volume)) == ([1000], [])


def test_rounds_tidy_once_an_hour(kept: KeptLedger) -> None:
    now = [0.0]
    rounds = LedgerRounds(kept.engine, kept.keeper(), now=lambda: now[0])
    kept.clock.advance(60)
    assert rounds.turn(0) == "ok"
    kept.journal("network", "n1", 1000, kept.clock.now - 2 * KEPT)
    for seconds, names in ((TIDY_SECONDS - 1, [1000]), (TIDY_SECONDS + 600, [])):
        now[0] = seconds
        assert rounds.turn(0) == "ok"
        assert left(kept, "network", "n1") == names
