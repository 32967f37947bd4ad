"""What counts, and what may be stopped for it: the table of methods."""

import pytest

from app.docker_quota.values import UNKNOWN, Attribution, Candidate, Certainty, Counting, Method

ALICE = Candidate(1000, "alice")
BOB = Candidate(1001, "bob")
NOBODY_CERTAIN = Attribution(None, None, Method.OVERRIDE, Certainty.CERTAIN)
LABEL_DOUBTED = Attribution(1000, "alice", Method.LABEL, Certainty.AMBIGUOUS, (ALICE, BOB))
BETWEEN_TWO = Attribution(None, None, Method.AUDIT, Certainty.AMBIGUOUS, (ALICE, BOB))


@pytest.mark.parametrize(
    ("attribution", "counts", "enforced", "enforced_with_probable"),
    [
        (Attribution.of(ALICE, Method.OVERRIDE, Certainty.CERTAIN), Counting.USED, True, True),
        (Attribution.of(ALICE, Method.PROXY, Certainty.CERTAIN), Counting.USED, True, True),
        (Attribution.of(ALICE, Method.LABEL, Certainty.CLAIMED), Counting.USED, True, True),
        (LABEL_DOUBTED, Counting.CLAIMED, False, False),
        (Attribution.of(ALICE, Method.AUDIT, Certainty.PROBABLE), Counting.USED, False, True),
        (Attribution.of(ALICE, Method.AUDIT, Certainty.CERTAIN), Counting.USED, True, True),
        (BETWEEN_TWO, Counting.UNATTRIBUTED, False, False),
        (UNKNOWN, Counting.UNATTRIBUTED, False, False),
        (NOBODY_CERTAIN, Counting.UNATTRIBUTED, False, False),
    ],
)
def test_each_row_of_the_table(
    attribution: Attribution, counts: Counting, enforced: bool, enforced_with_probable: bool
) -> None:
    for each in (attribution, attribution.inherited(Method.LAYER), attribution.inherited(Method.MOUNT)):
        assert each.counts() is counts
        assert each.is_enforced(enforce_probable=False) is enforced
        assert each.is_enforced(enforce_probable=True) is enforced_with_probable


def test_a_layer_is_as_sure_as_what_it_comes_from() -> None:
    layer = BETWEEN_TWO.inherited(Method.LAYER)
    assert (layer.method, layer.certainty, layer.candidates) == (Method.LAYER, Certainty.AMBIGUOUS, (ALICE, BOB))
    assert UNKNOWN.inherited(Method.LAYER).method is Method.NONE


def test_what_is_not_certain_is_reviewed() -> None:
    assert not Attribution.of(ALICE, Method.PROXY, Certainty.CERTAIN).needs_review()
    assert not NOBODY_CERTAIN.needs_review()
    assert all(each.needs_review() for each in (UNKNOWN, BETWEEN_TWO, LABEL_DOUBTED))
    assert Attribution.of(ALICE, Method.LABEL, Certainty.CLAIMED).needs_review()
