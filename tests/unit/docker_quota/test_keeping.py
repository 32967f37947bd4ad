"""What a look keeps: whose things are, what is gone, and nothing of what could not be seen."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.docker_quota.accounting import Figures, chain_ids
from app.docker_quota.ledger import REMEMBERED
from app.docker_quota.objects import EngineDown, EngineState, Image, ObjectKind, Volume
from app.docker_quota.values import Candidate
from app.docker_quota.words import Saying
from tests.fakes.docker_ledger import EACH, OVERHEAD, KeptLedger
from tests.fakes.engines import NOW

A, B, C = (f"sha256:{letter * 64}" for letter in "abc")
ALICE, BOB = {"qman.user": "alice"}, {"qman.user": "bob"}
DOWN = EngineDown(EngineState.STOPPED, "It was stopped.")


@pytest.fixture
def kept(tmp_path: Path) -> KeptLedger:
    made = KeptLedger(tmp_path)
    assert made.look() == "ok"  # whatever comes now is not older than the ledger
    return made


def test_a_label_is_a_claim(kept: KeptLedger) -> None:
    its, anonymous = kept.engine.add_container("web", labels=ALICE), kept.engine.add_container("db")
    stranger = kept.engine.add_container("x", labels={"qman.user": "nobody-of-this-host"})
    kept.look()
    assert kept.owner(ObjectKind.CONTAINER, its) == (1000, "label", "claimed")
    assert kept.owner(ObjectKind.CONTAINER, anonymous) == (None, "none", "unknown")
    assert kept.owner(ObjectKind.CONTAINER, stranger) == (None, "none", "unknown")


def test_labels_that_are_not_trusted_count_for_nobody(tmp_path: Path) -> None:
    kept = KeptLedger(tmp_path, trust_labels=False)
    kept.engine.add_container("web", labels=ALICE)
    kept.look()
    _, account, _ = kept.ledger.account()
    assert (account.shares[1000].used, account.shares[1000].claimed) == (0, EACH)


def test_a_label_that_the_image_had_is_no_claim_for_the_container(kept: KeptLedger) -> None:
    image = kept.engine.add_image("alices", A, labels=ALICE)
    its = kept.engine.add_container("bobs", image, labels=ALICE)
    built = kept.engine.add_image("built-on-it", A, B, labels=ALICE)
    kept.engine.images[built] = Image(built, ("b",), NOW + 9, (A, B), ALICE)
    kept.look()
    assert kept.owner(ObjectKind.CONTAINER, its)[0] is None
    assert kept.owner(ObjectKind.IMAGE, built)[0] is None


def test_an_admins_word_stands_above_labels_and_outlives_the_object(kept: KeptLedger) -> None:
    its = kept.engine.add_container("web", labels=ALICE)
    kept.look()
    kept.ledger.override(
        kept.entry(ObjectKind.CONTAINER, its), Candidate(1001, "bob"), Saying("root", "asked him", kept.clock.now)
    )
    kept.look()
    assert kept.owner(ObjectKind.CONTAINER, its) == (1001, "override", "certain")
    listed = kept.engine.containers.pop(its)
    kept.look()
    assert (ObjectKind.CONTAINER, its) not in kept.ledger.entries()
    kept.clock.advance(2 * REMEMBERED.total_seconds())
    kept.look()
    kept.engine.containers[its] = listed
    kept.look()
    assert kept.owner(ObjectKind.CONTAINER, its) == (1001, "override", "certain")


def test_a_new_volume_of_an_old_name_has_nothing_of_the_old(kept: KeptLedger) -> None:
    kept.engine.add_volume("data")
    mounter = kept.engine.add_container("web", "", "data", labels=ALICE)
    kept.look()
    kept.ledger.override(
        kept.entry(ObjectKind.VOLUME, "data"), Candidate(1001, "bob"), Saying("root", "", kept.clock.now)
    )
    kept.look()
    assert kept.owner(ObjectKind.VOLUME, "data") == (1001, "override", "certain")
    kept.engine.remove_container(mounter)
    made = kept.engine.volumes["data"]
    kept.engine.volumes["data"] = Volume("data", "local", made.created_at + 100)
    kept.look()
    assert kept.owner(ObjectKind.VOLUME, "data") == (None, "none", "unknown")


def test_a_volume_is_the_first_mounters_also_when_that_is_gone(kept: KeptLedger) -> None:
    kept.engine.add_volume("data")
    first = kept.engine.add_container("first", "", "data", labels=ALICE)
    kept.engine.add_container("second", "", "data", labels=BOB)
    kept.look()
    assert kept.owner(ObjectKind.VOLUME, "data") == (1000, "mount", "claimed")
    kept.engine.remove_container(first)
    kept.look()
    kept.clock.advance(2 * REMEMBERED.total_seconds())
    for _ in range(3):
        kept.look()
    assert kept.owner(ObjectKind.VOLUME, "data") == (1000, "mount", "claimed")


def test_layers_are_of_who_brought_the_image_first(kept: KeptLedger) -> None:
    kept.engine.add_image("alices", A, B, labels=ALICE)
    kept.look()
    kept.engine.add_image("bobs", A, B, C, labels=BOB)
    kept.look()
    owners = [kept.owner(ObjectKind.LAYER, chain) for chain in chain_ids([A, B, C])]
    assert owners == [(1000, "layer", "claimed"), (1000, "layer", "claimed"), (1001, "layer", "claimed")]


def test_what_is_older_than_the_ledger_stays_nobodys(tmp_path: Path) -> None:
    kept = KeptLedger(tmp_path)
    kept.engine.add_image("old", A)
    kept.look()
    kept.engine.add_image("alices", A, B, labels=ALICE)
    kept.look()
    assert [kept.owner(ObjectKind.LAYER, chain)[0] for chain in chain_ids([A, B])] == [None, 1000]


def test_steps_of_a_build_say_nothing_about_its_layers(kept: KeptLedger) -> None:
    step = kept.engine.add_image("step", A)
    kept.engine.images[step] = Image(step, (), NOW, (A,))
    kept.look()
    kept.engine.add_image("built", A, B, labels=ALICE)
    kept.look()
    assert [kept.owner(ObjectKind.LAYER, chain)[0] for chain in chain_ids([A, B])] == [1000, 1000]


def test_what_was_measured_and_not_listed_is_overhead_until_it_is_listed(kept: KeptLedger) -> None:
    kept.store.unlisted = 500
    kept.look()
    store, account, _ = kept.ledger.account()
    assert store is not None
    assert store.figures == Figures(500 + OVERHEAD, 10**9, 500 + OVERHEAD)
    assert account.unattributed == store.figures.used


@pytest.mark.parametrize("fails", ["info", "list_containers", "list_images", "list_volumes", "detail"])
def test_an_engine_that_goes_while_it_is_asked_changes_nothing(kept: KeptLedger, fails: str) -> None:
    kept.engine.add_image("alices", A, labels=ALICE)
    kept.engine.add_volume("data")
    kept.engine.add_container("web", "", "data", labels=ALICE)
    kept.look()
    before, accounted = kept.ledger.entries(gone_too=True), kept.ledger.account()[1]
    kept.engine.add_container("new", "", labels=BOB)
    kept.engine.down_from = fails
    kept.engine.down = DOWN
    assert kept.look() == "stopped"
    assert kept.ledger.entries(gone_too=True) == before
    store, account, _ = kept.ledger.account()
    assert account == accounted
    assert store is not None
    assert (store.state, store.detail) == ("stopped", "It was stopped.")
    assert store.measured_at is not None
    assert store.asked_at > store.measured_at


def test_who_lost_the_lease_writes_nothing(kept: KeptLedger) -> None:
    kept.clock.advance(60)
    kept.engine.add_container("web", labels=ALICE)
    assert kept.keeper("another").look() == "ok"
    before = kept.ledger.entries()
    kept.engine.add_container("db", labels=ALICE)
    assert kept.keeper("this one").look() == "lease_lost"
    kept.engine.down = DOWN
    assert kept.keeper("this one").look() == "lease_lost"
    assert kept.ledger.entries() == before
    store = kept.ledger.find_store()
    assert store is not None
    assert store.state == "ok"


def test_the_proxys_journal_is_certain(kept: KeptLedger) -> None:
    its = kept.engine.add_container("web", labels=BOB)
    kept.journal("container", its, 1000, kept.clock.now)
    kept.look()
    assert kept.owner(ObjectKind.CONTAINER, its) == (1000, "proxy", "certain")


def test_the_next_owner_of_a_uid_has_nothing_of_the_last(kept: KeptLedger) -> None:
    its = kept.engine.add_container("web")
    kept.journal("container", its, 1000, kept.clock.now, user="carol")
    kept.look()
    assert kept.owner(ObjectKind.CONTAINER, its) == (None, "proxy", "unknown")


def test_who_asks_for_a_volume_that_is_there_did_not_make_it(kept: KeptLedger) -> None:
    kept.engine.add_volume("data")
    made_at = datetime.fromtimestamp(NOW, UTC)
    kept.journal("volume", "data", 1000, made_at)
    kept.journal("volume", "data", 1001, made_at + timedelta(hours=1))
    kept.look()
    assert kept.owner(ObjectKind.VOLUME, "data") == (1000, "proxy", "certain")


def test_the_maker_of_an_earlier_volume_of_the_name_did_not_make_this_one(kept: KeptLedger) -> None:
    kept.engine.add_volume("data")
    kept.journal("volume", "data", 1000, datetime.fromtimestamp(NOW, UTC) - timedelta(hours=1))
    kept.look()
    assert kept.owner(ObjectKind.VOLUME, "data") == (None, "none", "unknown")


def test_who_builds_an_image_again_did_not_bring_it(kept: KeptLedger) -> None:
    its = kept.engine.add_image("built", A)
    kept.journal("image", its, 1000, kept.clock.now)
    kept.look()
    kept.journal("image", its, 1001, kept.clock.now + timedelta(seconds=5))
    kept.clock.advance(60)
    kept.look()
    assert kept.owner(ObjectKind.IMAGE, its) == (1000, "proxy", "certain")
    assert kept.owner(ObjectKind.LAYER, A) == (1000, "layer", "certain")


def test_an_image_that_comes_back_is_of_who_brought_it_back(kept: KeptLedger) -> None:
    its = kept.engine.add_image("pulled", A)
    kept.journal("image", its, 1000, kept.clock.now)
    kept.look()
    image = kept.engine.images.pop(its)
    kept.look()
    kept.journal("image", its, 1001, kept.clock.now)
    kept.engine.images[its] = image
    kept.look()
    assert kept.owner(ObjectKind.IMAGE, its) == (1001, "proxy", "certain")
