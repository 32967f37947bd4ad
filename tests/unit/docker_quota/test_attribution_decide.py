"""Evidence in, an attribution out: each row of the table, and what no evidence may ever do."""

from hypothesis import given
from hypothesis import strategies as st

from app.docker_quota.attribution.decide import attribute
from app.docker_quota.attribution.evidence import AuditFinding, Evidence, Override, Source, find_claim, persons_of
from app.docker_quota.values import UNKNOWN, Attribution, Candidate, Certainty, Counting, Method

ALICE, BOB, CAROL = Candidate(1000, "alice"), Candidate(1001, "bob"), Candidate(1002, "carol")
PEOPLE = st.sampled_from([ALICE, BOB, CAROL])
FINDINGS = st.builds(AuditFinding, st.lists(PEOPLE, max_size=4).map(tuple), st.booleans())
SOURCES = st.builds(
    Source,
    st.builds(
        Attribution.of, PEOPLE, st.just(Method.AUDIT), st.sampled_from([Certainty.PROBABLE, Certainty.AMBIGUOUS])
    ),
    st.sampled_from([Method.LAYER, Method.MOUNT]),
)
EVIDENCE = st.builds(
    Evidence,
    override=st.none() | st.builds(Override, st.none() | PEOPLE),
    journal=st.none() | PEOPLE,
    label=st.none() | PEOPLE,
    audit=st.none() | FINDINGS,
    source=st.none() | SOURCES,
)


def trusted(**evidence: object) -> Attribution:
    return attribute(Evidence(**evidence), trust_labels=True)  # type: ignore[arg-type]  # each test names its own few


def test_an_admin_has_the_last_word() -> None:
    said = trusted(override=Override(BOB), journal=ALICE, label=ALICE, audit=AuditFinding((ALICE,)))
    assert said == Attribution.of(BOB, Method.OVERRIDE, Certainty.CERTAIN)
    nobodys = trusted(override=Override(None), journal=ALICE)
    assert (nobodys.certainty, nobodys.counts()) == (Certainty.CERTAIN, Counting.UNATTRIBUTED)


def test_the_proxy_knows() -> None:
    found = trusted(journal=ALICE, label=ALICE, audit=AuditFinding((BOB,)))
    assert found == Attribution.of(ALICE, Method.PROXY, Certainty.CERTAIN)


def test_a_label_that_contradicts_the_proxy_changes_nothing_and_is_said() -> None:
    for is_trusted in (True, False):
        found = attribute(Evidence(journal=ALICE, label=BOB), trust_labels=is_trusted)
        assert found == Attribution(ALICE.uid, "alice", Method.PROXY, Certainty.CERTAIN, (BOB,))
        assert (found.counts(), found.contradicted_by) == (Counting.USED, (BOB,))
        assert found.is_enforced(enforce_probable=False)
        assert not found.needs_review()
    assert trusted(label=BOB, audit=AuditFinding((ALICE,))).contradicted_by == ()


def test_a_label_is_a_claim_that_stands_until_somebody_else_is_seen() -> None:
    claim = Attribution.of(ALICE, Method.LABEL, Certainty.CLAIMED)
    assert trusted(label=ALICE) == claim
    assert trusted(label=ALICE, audit=AuditFinding(())) == claim
    assert trusted(label=ALICE, audit=AuditFinding((ALICE,))) == claim
    assert trusted(label=ALICE, audit=AuditFinding((ALICE, BOB))) == claim


def test_a_label_that_bills_somebody_else_bills_nobody() -> None:
    found = trusted(label=BOB, audit=AuditFinding((ALICE,)))
    assert (found.uid, found.certainty, found.candidates) == (BOB.uid, Certainty.AMBIGUOUS, (ALICE, BOB))
    assert found.counts() is Counting.CLAIMED
    assert not found.is_enforced(enforce_probable=True)


def test_an_untrusted_label_only_claims() -> None:
    found = attribute(Evidence(label=ALICE), trust_labels=False)
    assert (found.uid, found.method, found.certainty) == (ALICE.uid, Method.LABEL, Certainty.AMBIGUOUS)
    assert found.counts() is Counting.CLAIMED


def test_what_the_image_says_too_is_no_claim_for_the_container() -> None:
    assert find_claim({"qman.user": "bob"}) == "bob"
    assert find_claim({"qman.user": "bob"}, {"qman.user": "bob"}) is None
    assert find_claim({"qman.user": "alice"}, {"qman.user": "bob"}) == "alice"
    assert [find_claim({"qman.user": bad}) for bad in ("", "a\0b", "x" * 257)] == [None, None, None]
    assert find_claim({}) is None


def test_one_candidate_is_probable_and_two_are_ambiguous() -> None:
    assert trusted(audit=AuditFinding((ALICE,))) == Attribution.of(ALICE, Method.AUDIT, Certainty.PROBABLE)
    between = trusted(audit=AuditFinding((BOB, ALICE, BOB)))
    assert between == Attribution(None, None, Method.AUDIT, Certainty.AMBIGUOUS, (ALICE, BOB))
    beside_unknown = trusted(audit=AuditFinding((ALICE,), has_unknown=True))
    assert beside_unknown == Attribution(None, None, Method.AUDIT, Certainty.AMBIGUOUS, (ALICE,))


def test_a_layer_is_its_first_users() -> None:
    source = Source(Attribution.of(ALICE, Method.AUDIT, Certainty.PROBABLE), Method.LAYER)
    assert trusted(source=source) == Attribution.of(ALICE, Method.LAYER, Certainty.PROBABLE)
    assert trusted() == UNKNOWN


@given(EVIDENCE, st.booleans())
def test_only_an_admin_and_the_proxy_make_certain(evidence: Evidence, trust: bool) -> None:
    found = attribute(evidence, trust_labels=trust)
    if found.certainty is Certainty.CERTAIN:
        assert evidence.override is not None or evidence.journal is not None
    if found.uid is not None:
        named = {each.uid for each in found.candidates} | {found.uid}
        assert named <= {ALICE.uid, BOB.uid, CAROL.uid}
    assert found.counts() is not Counting.USED or found.uid is not None


@given(st.sets(PEOPLE, min_size=2), st.booleans(), st.none() | SOURCES, st.booleans())
def test_two_at_work_are_never_silently_one_of_them(
    people: set[Candidate], has_unknown: bool, source: Source | None, trust: bool
) -> None:
    evidence = Evidence(audit=AuditFinding(tuple(people), has_unknown), source=source)
    found = attribute(evidence, trust_labels=trust)
    assert found == Attribution(None, None, Method.AUDIT, Certainty.AMBIGUOUS, tuple(sorted(people)))
    assert not found.is_enforced(enforce_probable=True)


def test_sudo_is_the_person_and_one_user_as_another_is_either() -> None:
    assert persons_of(None, 1000) == {1000}
    assert persons_of(None, 0) == {0}
    assert persons_of(1000, 1000) == {1000}
    assert persons_of(1000, 0) == {1000}
    assert persons_of(0, 0) == {0}
    assert persons_of(1000, 1001) == {1000, 1001}
    assert persons_of(0, 1001) == {0, 1001}
