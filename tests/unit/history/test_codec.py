"""What is written to history is what is read from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.db.repositories.history import SeriesKey
from app.master.history.codec import Figures, HistoryFormatError, Record, decode, encode, pack
from app.master.history.series import all_records, extended, last_figures, new_series, with_recent

KEY = SeriesKey("h1", "/dev/sda1", "user", 1000)
MOST = 2**63 - 1

sizes = st.one_of(st.integers(0, 100), st.integers(0, MOST), st.integers(0, 2**40).map(lambda kib: kib * 1024))
figures = st.builds(Figures, sizes, sizes, sizes)


@st.composite
def stretches(draw: st.DrawFn, *, at_least: int = 0) -> list[Record]:
    """Records in order of time: often the next quarter hour, often the same figures as before."""
    known = draw(st.lists(figures, min_size=1, max_size=4))
    steps = draw(st.lists(st.one_of(st.just(1), st.integers(1, 100_000)), min_size=at_least, max_size=30))
    slot, records = draw(st.integers(0, 3_000_000)), []
    for step in steps:
        slot += step
        records.append(Record(slot, draw(st.one_of(st.none(), st.sampled_from(known), figures))))
    return records


@given(stretches())
def test_a_stretch_is_read_as_it_was_written(records: list[Record]) -> None:
    assert decode(encode(records)) == records
    assert decode(pack(records)) == records


@given(stretches(at_least=1))
def test_one_at_a_time_is_the_same_as_all_at_once(records: list[Record]) -> None:
    series = new_series(KEY, records[0])
    for record in records[1:]:
        series = extended(series, record)
    assert series.recent == encode(records)
    assert (series.last_slot, last_figures(series)) == records[-1]
    assert series.recent_since == records[0].slot


@given(stretches(at_least=1), st.integers(0, 3), stretches(at_least=1))
def test_a_series_goes_on_after_its_old_records_were_taken_out(
    records: list[Record], left: int, more: list[Record]
) -> None:
    cut = max(0, len(records) - left)
    series = new_series(KEY, records[0])
    for record in records[1:]:
        series = extended(series, record)
    series = with_recent(series, records[cut:])
    assert last_figures(series) == records[-1].figures
    later = [Record(records[-1].slot + 1 + record.slot, record.figures) for record in more]
    for record in later:
        series = extended(series, record)
    assert all_records(series, []) == [*records[cut:], *later]


def test_what_comes_back_after_its_past_was_taken_out_has_its_own_figures() -> None:
    series = new_series(KEY, Record(1, Figures(5, 0, 0)), Record(2, None))
    series = extended(with_recent(series, [Record(2, None)]), Record(3, Figures(6, 0, 0)))
    assert all_records(series, []) == [Record(2, None), Record(3, Figures(6, 0, 0))]


def test_rest_is_short() -> None:
    """A device whose figures stay takes a byte for each quarter hour, a compressed week next to nothing."""
    week = [Record(slot, Figures(2**40, 2**31, 0)) for slot in range(2_000_000, 2_000_672)]
    assert len(encode(week)) < 700
    assert len(pack(week)) < 60


@pytest.mark.parametrize("stretch", [b"", b"\x03abc", b"\xff"])
def test_an_unknown_format_is_refused(stretch: bytes) -> None:
    with pytest.raises(HistoryFormatError):
        decode(stretch)
