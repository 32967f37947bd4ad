"""Labels in bodies and queries, as Go would read them."""

import json
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.docker_quota.proxy.labels import LABEL, labelled, labelled_build, labelled_commit
from app.docker_quota.proxy.refusals import RefusedRequestError

FOLDED = {"ſ": "s", "K": "k"}
KEYS = st.sampled_from(
    ["Labels", "labels", "LABELS", "labelſ", "LABELſ", "lAbElS", "Image", "HostConfig", "qman.user", "k"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS | st.text(), inner),
    max_leaves=10,
)
LABELS = st.none() | st.dictionaries(st.sampled_from([LABEL, "tier", "qman.exempt"]), st.text(max_size=5))


def read_by_go(body: bytes) -> dict[str, Any]:
    """The field Labels of a Go struct after encoding/json: keys fold, maps merge, null empties."""
    labels: dict[str, Any] = {}
    for key, value in json.loads(body, object_pairs_hook=list):
        if "".join(FOLDED.get(each, each) for each in key).casefold() == "labels":
            labels = {**labels, **dict(value)} if value is not None else {}
    return labels


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(KEYS.filter(lambda key: key[0] in "lL"), LABELS), max_size=4))
def test_go_reads_the_caller_whatever_keys_were_sent(members: list[tuple[str, dict[str, str] | None]]) -> None:
    body = "{" + ",".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in members) + "}"
    found = read_by_go(labelled(body.encode(), "alice"))
    assert found == {**read_by_go(body.encode()), LABEL: "alice"}


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.text().filter(lambda key: key.casefold() != "labels"), JSON))
def test_everything_else_stays(body: dict[str, Any]) -> None:
    found = json.loads(labelled(json.dumps(body).encode(), "alice"))
    assert found.pop("Labels") == {LABEL: "alice"}
    assert found == without_claims(body)


def without_claims(value: Any) -> Any:
    if isinstance(value, list):
        return [without_claims(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: claim_replaced(inner) if is_labels(key) else without_claims(inner) for key, inner in value.items()}


def is_labels(key: str) -> bool:
    return "".join(FOLDED.get(each, each) for each in key).casefold() == "labels"


def claim_replaced(labels: Any) -> Any:
    return {**labels, LABEL: "alice"} if isinstance(labels, dict) and LABEL in labels else labels


@pytest.mark.parametrize(
    "body",
    [
        '{"labels": {"qman.user": "bob"}}',
        '{"LABELS": {"qman.user": "bob"}}',
        '{"labelſ": {"qman.user": "bob"}}',
        '{"label\\u017f": {"qman\\u002euser": "bob"}}',
        '{"Labels": {"qman.user": "alice"}, "labels": {"qman.user": "bob"}, "labels": null}',
        '{"Labels": 5, "labels": {"qman.user": "bob"}}',
        "null",
        "  {} trailing",
    ],
)
def test_all_spellings_become_one(body: str) -> None:
    text = labelled(body.encode(), "alice").decode()
    assert text.count("qman.user") == 1
    assert '"Labels":{"qman.user":"alice"}' in text
    assert "bob" not in text


def test_volumes_of_mounts_name_nobody_else() -> None:
    mount = {"Type": "volume", "VolumeOptions": {"Labels": {"qman.user": "bob", "a": "b"}}}
    found = json.loads(labelled(json.dumps({"hostconfig": {"Mounts": [mount]}, "Mounts": [mount]}).encode(), "alice"))
    expected = {"Type": "volume", "VolumeOptions": {"Labels": {"qman.user": "alice", "a": "b"}}}
    assert found["hostconfig"]["Mounts"] == found["Mounts"] == [expected]


def test_numbers_stay_as_they_were_written() -> None:
    text = b'{"HostConfig":{"Memory":9007199254740993,"a":1.10,"b":1e400,"c":' + b"9" * 5000 + b"}}"
    assert labelled(text, "alice") == text[:-1] + b',"Labels":{"qman.user":"alice"}}'


def test_bad_utf8_is_what_go_takes_it_for() -> None:
    assert json.loads(labelled(b'{"Image": "\xff", "x": "\\ud800"}', "alice"))["Image"] == "�"


def test_nobody_is_named_where_nobody_is_known() -> None:
    assert json.loads(labelled(b'{"Labels": {"qman.user": "bob"}}', ""))["Labels"] == {LABEL: ""}


def test_no_body_stays_none() -> None:
    assert labelled(b"", "alice") == b""


@pytest.mark.parametrize("body", [b"[]", b"5", b'"x"', b"{", b'{"a": NaN}', b"[" * 100_000, b"{]", b"\xef\xbb\xbf{}"])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(RefusedRequestError):
        labelled(body, "alice")


def test_deep_bodies_are_refused() -> None:
    with pytest.raises(RefusedRequestError):
        labelled(b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "alice")


def test_builds_get_the_label_beside_those_asked_for() -> None:
    asked = quote(json.dumps({"tier": "web", LABEL: "bob"}))
    query = labelled_build(f"t=x&labels={asked}&l%61bels=%7B%7D&q=1".encode(), "alice").decode()
    pairs = parse_qsl(query)
    assert [pair for pair in pairs if pair[0] != "labels"] == [("t", "x"), ("q", "1")]
    assert [json.loads(value) for key, value in pairs if key == "labels"] == [{"tier": "web", LABEL: "alice"}]
    assert json.loads(dict(parse_qsl(labelled_build(b"", "alice").decode()))["labels"]) == {LABEL: "alice"}


def test_commits_get_a_last_change() -> None:
    query = labelled_commit(b"container=web&changes=LABEL+qman.user%3Dbob", 'LAB\\a"$b').decode()
    assert parse_qsl(query)[-1] == ("changes", 'LABEL qman.user="LAB\\\\a\\"\\$b"')


@pytest.mark.parametrize("label", [labelled_build, labelled_commit])
def test_semicolons_in_queries_are_refused(label: Any) -> None:
    with pytest.raises(RefusedRequestError):
        label(b"t=x;labels=%7B%7D", "alice")
