"""What zfs and zpool print becomes values; what is no figure is never taken for one."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.backends.zfs.parsing import (
    Dataset,
    Pool,
    find_quota,
    parse_datasets,
    parse_pools,
    parse_properties,
    parse_space,
    space_properties,
    usage_of,
)
from app.quota.errors import BackendError
from app.quota.rules import MAX_ID
from app.quota.values import UNLIMITED, DeviceUsage, Limits, Quota, ResourceQuota
from tests.unit.backends import zfs_outputs as outputs

ids = st.integers(0, MAX_ID)
counts = st.integers(0, 2**64 - 1)
limits = st.none() | st.integers(1, 2**64 - 1)
words_for_no_limit = st.sampled_from(["0", "none", "-"])
names = st.text(st.characters(codec="ascii", categories=["L", "N"]) | st.sampled_from("-_.: /"), min_size=1)


def row(quota_id: int, used: int, hard: int | None, objects: int, object_limit: int | None) -> Quota:
    return Quota(quota_id, ResourceQuota(used, Limits(None, hard)), ResourceQuota(objects, Limits(None, object_limit)))


def table(*rows: Sequence[object]) -> str:
    return "".join("\t".join(map(str, fields)) + "\n" for fields in rows)


def usage(**values: int) -> DeviceUsage:
    given_values = {"used": 600, "available": 400, "referenced": 500, "quota": 0, "refquota": 0, **values}
    return usage_of({name: str(value) for name, value in given_values.items()})


def test_pools() -> None:
    good, bad = Pool("good", False, True, True), Pool("bad", True, True, True)  # noqa: FBT003 - as in the listing
    assert parse_pools(outputs.POOLS_2_1) == [bad, good]
    assert parse_pools(outputs.OLD_POOL_2_1)[0][2:] == (False, False)
    assert parse_pools(outputs.UNKNOWN_FEATURE_2_1)[0][2:] == (False, False)
    assert parse_pools("") == []


def test_datasets() -> None:
    tank, enc, home, bob = parse_datasets(outputs.DATASETS_2_1)
    assert tank == Dataset("tank", is_readonly=False, encryption="off", has_key=True, canmount="on")
    assert (enc.name, enc.encryption, enc.has_key) == ("tank/enc", "aes-256-gcm", False)
    assert (home.is_readonly, home.pool, bob.pool, bob.canmount) == (True, "tank", "tank", "noauto")


def test_what_is_still_being_received_is_no_dataset_yet() -> None:
    text = outputs.DATASETS_2_1 + "tank/home/%recv\toff\toff\t-\ton\n"
    assert parse_datasets(text) == parse_datasets(outputs.DATASETS_2_1)


def test_users() -> None:
    assert parse_space(outputs.USERS_2_1) == [
        row(0, 3150848, 1234567890, 4, 77),
        row(999, 0, 1000, 0, None),
        row(1000, 5249024, 1234567890, 2, 77),
        row(4711, 0, 2000, 0, None),
        row(2147483648, 3148288, None, 1, None),
        row(4294967294, 3148288, 1234567890, 1, 77),
    ]
    assert [quota.inode for quota in parse_space(outputs.USERS_UNCOUNTED_OBJECTS_2_1)] == [(0, UNLIMITED, None)] * 2
    assert [quota.quota_id for quota in parse_space(outputs.PROJECTS_2_1)] == [0, 4294967294]


@pytest.mark.parametrize("version", outputs.DOCUMENTED_USERS)
def test_every_word_for_no_limit(version: str) -> None:
    expected = [row(0, 12345, None, 3, None), row(1000, 2048, 1048576, 2, None)]
    assert parse_space(outputs.DOCUMENTED_USERS[version]) == expected


def test_one_id() -> None:
    quota = find_quota(parse_properties(outputs.ONE_USER_2_1), "user", 1000, counts_objects=True)
    assert quota == row(1000, 5249024, 1234567890, 2, 77)
    assert find_quota(parse_properties(outputs.NEVER_SEEN_2_1), "user", 5555, counts_objects=True) == row(
        5555, 0, None, 0, None
    )
    without = find_quota(parse_properties(outputs.ONE_USER_2_1), "user", 1000, counts_objects=False)
    assert without == row(1000, 5249024, 1234567890, 0, None)


@pytest.mark.parametrize("text", [outputs.UNREADABLE_2_1, outputs.PARTLY_READABLE_2_1])
def test_what_could_not_be_read_is_not_taken_for_nothing(text: str) -> None:
    assert find_quota(parse_properties(text), "user", 1000, counts_objects=True) is None


def test_a_property_that_is_left_out_is_a_failure() -> None:
    with pytest.raises(BackendError, match="left out"):
        find_quota(parse_properties(outputs.ONE_USER_2_1), "user", 1001, counts_objects=True)


def test_ids_are_asked_for_with_a_sign_that_no_name_begins_with() -> None:
    assert space_properties("group", 7, counts_objects=False) == ["groupused@+7", "groupquota@+7"]
    assert space_properties("user", 7, counts_objects=True)[2:] == ["userobjused@+7", "userobjquota@+7"]


def test_the_smaller_bound_is_the_whole() -> None:
    assert usage_of(parse_properties(outputs.USAGE_2_1)) == DeviceUsage(14724096, 37704704, 52428800)
    assert usage() == DeviceUsage(600, 400, 1000)
    assert usage(quota=700) == DeviceUsage(600, 400, 700)
    assert usage(refquota=700) == DeviceUsage(500, 400, 700)
    assert usage(quota=800, refquota=900) == DeviceUsage(600, 400, 800)
    assert usage(quota=900, refquota=800) == DeviceUsage(500, 400, 800)


@pytest.mark.parametrize(
    "text",
    [
        "1000\t1\t2\t3\n",
        "1000\t1\t2\t3\t4\t5\n",
        "1000 1 2 3 4\n",
        "alice\t1\t2\t3\t4\n",
        "-1\t1\t2\t3\t4\n",
        "1000\t3.00M\t0\t1\t0\n",
        "1000\tnone\t0\t1\t0\n",
        "²\t1\t2\t3\t4\n",
        "invalid option 'n'\nusage:\n",
    ],
)
def test_what_is_not_understood_is_a_failure_and_no_figure(text: str) -> None:
    with pytest.raises(BackendError):
        parse_space(outputs.USERS_2_1 + text)


@given(st.lists(st.tuples(ids, counts, limits, counts, limits), unique_by=lambda fields: fields[0]), st.data())
def test_every_row_comes_back_by_ascending_id(
    rows: list[tuple[int, int, int | None, int, int | None]], data: st.DataObject
) -> None:
    def said(limit: int | None) -> str:
        return str(limit) if limit is not None else data.draw(words_for_no_limit)

    text = table(*((its, used, said(hard), objects, said(most)) for its, used, hard, objects, most in rows))
    assert parse_space(text) == sorted((row(*fields) for fields in rows), key=lambda quota: quota.quota_id)


@given(st.lists(names, unique=True), st.sampled_from(["ONLINE", "DEGRADED", "SUSPENDED"]))
def test_every_name_survives(found: list[str], health: str) -> None:
    pools = parse_pools(table(*((name, health, "active", "enabled") for name in found)))
    assert pools == [Pool(name, health == "SUSPENDED", True, True) for name in found]  # noqa: FBT003 - as listed
    datasets = parse_datasets(table(*((name, "off", "off", "-", "on") for name in found)))
    assert [dataset.name for dataset in datasets] == found


@given(st.text() | st.text("0123456789-none\t\n"))
def test_no_text_breaks_the_parsers(text: str) -> None:
    for parse in (parse_pools, parse_datasets, parse_space, lambda told: usage_of(parse_properties(told))):
        try:
            parse(text)
        except BackendError:
            continue
