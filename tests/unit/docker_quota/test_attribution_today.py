"""uids that were given to another person, and users that were deleted."""

from app.docker_quota.attribution.today import as_of_today
from app.docker_quota.values import UNKNOWN, Attribution, Candidate, Certainty, Counting, Method

ALICES = Attribution.of(Candidate(1000, "alice"), Method.PROXY, Certainty.CERTAIN)
BETWEEN = Attribution(None, None, Method.AUDIT, Certainty.AMBIGUOUS, (Candidate(1000, "alice"), Candidate(1001, "bob")))


def test_the_next_owner_of_a_uid_is_not_charged_for_the_last() -> None:
    found = as_of_today(ALICES, {1000: "dave"})
    assert (found.uid, found.user, found.certainty) == (None, "alice", Certainty.UNKNOWN)
    assert found.counts() is Counting.UNATTRIBUTED
    assert not found.is_enforced(enforce_probable=True)
    assert found.needs_review()


def test_without_a_name_there_is_nothing_to_compare() -> None:
    nameless = Attribution.of(Candidate(5000, None), Method.AUDIT, Certainty.PROBABLE)
    assert as_of_today(nameless, {5000: None}) == nameless
    assert as_of_today(nameless, {5000: "dave"}) == nameless


def test_a_deleted_users_things_stay_theirs() -> None:
    assert as_of_today(ALICES, {1000: None}) == ALICES
    assert as_of_today(ALICES, {1000: "alice"}) == ALICES


def test_a_database_that_does_not_answer_changes_nothing() -> None:
    assert as_of_today(ALICES, {}) == ALICES
    assert as_of_today(BETWEEN, {}) == BETWEEN
    assert as_of_today(UNKNOWN, {1000: "dave"}) == UNKNOWN


def test_one_of_two_candidates_that_is_gone_makes_the_other_no_surer() -> None:
    found = as_of_today(BETWEEN, {1000: "alice", 1001: "dave"})
    assert (found.uid, found.certainty) == (None, Certainty.AMBIGUOUS)
    assert found.candidates == (Candidate(1000, "alice"),)
    assert found.counts() is Counting.UNATTRIBUTED
