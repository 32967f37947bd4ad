"""Every byte of the store counts once, for somebody or for nobody."""

import hashlib
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from app.docker_quota.accounting import (
    BroughtImage,
    Figures,
    Holding,
    Share,
    account,
    chain_ids,
    owner_of_volume,
    owners_of_layers,
)
from app.docker_quota.objects import ObjectKind
from app.docker_quota.values import UNKNOWN, Attribution, Candidate, Certainty, Method

ALICE = Attribution(1000, "alice", Method.PROXY, Certainty.CERTAIN)
BOB = Attribution(1001, "bob", Method.LABEL, Certainty.CLAIMED)
A, B, C, D = (f"sha256:{letter * 64}" for letter in "abcd")

sizes = st.integers(0, 2**62)
kinds = st.sampled_from([kind for kind in ObjectKind if kind is not ObjectKind.IMAGE])
attributions = st.builds(
    Attribution,
    st.none() | st.integers(0, 5),
    st.none() | st.just("somebody"),
    st.sampled_from(list(Method)),
    st.sampled_from(list(Certainty)),
    st.just((Candidate(1, "a"), Candidate(2, "b"))),
)
holdings = st.lists(st.builds(Holding, kinds, sizes, attributions))
images = st.lists(
    st.builds(
        BroughtImage,
        st.tuples(st.floats(0, 10), st.just(0), st.text(max_size=3)),
        st.lists(st.sampled_from([A, B, C, D]), max_size=4),
        attributions,
    ),
    max_size=6,
)


@given(holdings, sizes)
def test_attributed_and_unattributed_is_all(held: list[Holding], overhead: int) -> None:
    found = account(held, overhead)
    assert found.attributed + found.unattributed == sum(holding.bytes for holding in held) + overhead


@given(holdings, st.randoms())
def test_the_order_of_objects_makes_no_difference(held: list[Holding], random: Random) -> None:
    shuffled = list(held)
    random.shuffle(shuffled)
    assert account(held, 0) == account(shuffled, 0)


@given(holdings)
def test_what_is_not_sure_counts_for_nobody(held: list[Holding]) -> None:
    for uid, share in account(held, 0).shares.items():
        theirs = [holding for holding in held if holding.attribution.uid == uid]
        unsure = {Certainty.AMBIGUOUS, Certainty.UNKNOWN}
        assert share.used == sum(each.bytes for each in theirs if each.attribution.certainty not in unsure)
        assert share.claimed == sum(each.bytes for each in theirs if each.attribution.certainty is Certainty.AMBIGUOUS)


def test_parts_are_told_apart() -> None:
    held = [
        Holding(ObjectKind.CONTAINER, 1, ALICE),
        Holding(ObjectKind.LAYER, 20, ALICE),
        Holding(ObjectKind.VOLUME, 300, ALICE),
        Holding(ObjectKind.CACHE, 4000, ALICE),
        Holding(ObjectKind.CONTAINER, 50_000, BOB),
        Holding(ObjectKind.CONTAINER, 600_000, UNKNOWN),
    ]
    found = account(held, 7)
    assert found.shares == {1000: Share(1, 20, 300, 4000), 1001: Share(50_000)}
    assert found.unattributed == 600_007


def test_chain_ids_are_those_of_the_specification() -> None:
    second = "sha256:" + hashlib.sha256(f"{A} {B}".encode()).hexdigest()
    third = "sha256:" + hashlib.sha256(f"{second} {C}".encode()).hexdigest()
    assert chain_ids([A, B, C]) == [A, second, third]
    assert chain_ids([]) == []


def test_a_shared_layer_is_that_of_the_image_that_brought_it() -> None:
    base, build = BroughtImage((1, 0, "i1"), [A], ALICE), BroughtImage((2, 0, "i2"), [A, B], BOB)
    owners = owners_of_layers([build, base])
    assert [owners[chain].uid for chain in chain_ids([A, B])] == [1000, 1001]
    assert owners[A].method is Method.LAYER
    assert owners[A].certainty is Certainty.CERTAIN


def test_without_its_first_user_a_layer_is_the_earliest_remaining_ones() -> None:
    owners = owners_of_layers([BroughtImage((3, 0, "i3"), [A, C], ALICE), BroughtImage((2, 0, "i2"), [A, B], BOB)])
    assert owners[A].uid == 1001


def test_what_is_older_than_qman_stays_unattributed() -> None:
    owners = owners_of_layers([BroughtImage((1, 0, "old"), [A], UNKNOWN), BroughtImage((2, 0, "new"), [A, B], ALICE)])
    assert owners[A] == UNKNOWN
    assert owners[chain_ids([A, B])[1]].uid == 1000


def test_the_same_files_upon_another_layer_are_another_layer() -> None:
    owners = owners_of_layers([BroughtImage((1, 0, "i1"), [A, C], ALICE), BroughtImage((2, 0, "i2"), [B, C], BOB)])
    assert [owners[chain].uid for chain in (chain_ids([A, C])[1], chain_ids([B, C])[1])] == [1000, 1001]


@given(images, st.randoms())
def test_each_layer_has_one_owner_whatever_the_order(brought: list[BroughtImage], random: Random) -> None:
    distinct = list({image.order: image for image in brought}.values())
    shuffled = list(distinct)
    random.shuffle(shuffled)
    owners = owners_of_layers(distinct)
    assert owners == owners_of_layers(shuffled)
    assert owners.keys() == {chain for image in distinct for chain in chain_ids(image.layers)}


def test_a_volume_is_its_own_evidence_else_its_first_mounts() -> None:
    assert owner_of_volume(BOB, ALICE) == BOB
    assert owner_of_volume(UNKNOWN, ALICE) == Attribution(1000, "alice", Method.MOUNT, Certainty.CERTAIN)
    assert owner_of_volume(UNKNOWN, None) == UNKNOWN
    nobodys = Attribution(None, None, Method.OVERRIDE, Certainty.CERTAIN)
    assert owner_of_volume(nobodys, ALICE) == nobodys


@given(sizes, sizes, sizes)
def test_free_is_never_below_nothing(used: int, free: int, reserved: int) -> None:
    assert Figures(used, free, 0).free_beside(reserved) == max(0, free - reserved)


def test_a_difference_is_told_beyond_one_percent() -> None:
    assert Figures(1000, 0, 0, 1010).difference is None
    assert Figures(1000, 0, 0, 1011).difference == 11
    assert Figures(1000, 0, 0, 900).difference == -100
    assert Figures(1000, 0, 0).difference is None
