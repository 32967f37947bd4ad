"""What the engine tells of its build cache: asked rarely and aside, and never lost while it does not answer."""

import threading
from pathlib import Path
from threading import Event

import pytest

from app.docker_quota.cache_book import CacheBook
from app.docker_quota.entries import Entry
from app.docker_quota.objects import CacheRecord, EngineDown, EngineState, ObjectKind
from app.docker_quota.parsing import MALFORMED, build_cache
from tests.fakes.docker_ledger import KeptLedger
from tests.fakes.engines import NOW, FakeEngine

RECORD = "record000000000000000000a"
DIRECTORY = "directory00000000000000000"[:25]
SLOW = EngineDown(EngineState.SLOW, "The engine did not answer in time.")
TOLD = CacheRecord(NOW * 10**9, (NOW + 5) * 10**9, in_use=True, shared=False, usage_count=2)
FACTS = {
    "created_ns": NOW * 10**9,
    "last_used_ns": (NOW + 5) * 10**9,
    "in_use": True,
    "shared": False,
    "usage_count": 2,
}
DF = {
    "ID": RECORD,
    "Parent": "",
    "Type": "regular",
    "InUse": True,
    "Shared": False,
    "Size": 3145728,
    "CreatedAt": "2026-11-22T05:09:49.642199773Z",
    "LastUsedAt": "2026-11-22T05:09:50.989153722Z",
    "UsageCount": 1,
}


@pytest.fixture
def kept(tmp_path: Path) -> KeptLedger:
    made = KeptLedger(tmp_path)
    made.store.cache[RECORD] = 700
    made.engine.cache[RECORD] = TOLD
    return made


def record(kept: KeptLedger, its_id: str = RECORD) -> Entry:
    return kept.entry(ObjectKind.CACHE, its_id)


def test_what_is_told_is_kept_with_the_record(kept: KeptLedger) -> None:
    assert kept.look() == "ok"
    assert record(kept).facts == FACTS
    assert record(kept).bytes == 700
    assert record(kept).created_ns == 0  # what was said of it before anybody knew its age holds


def test_a_record_whose_directory_has_another_name_is_found(kept: KeptLedger) -> None:
    kept.store.cache = {DIRECTORY: 700}
    kept.store.snapshots = {RECORD: DIRECTORY}
    kept.look()
    assert record(kept, DIRECTORY).facts == FACTS


def test_when_it_was_made_stays_what_it_was_first(kept: KeptLedger) -> None:
    kept.look()
    kept.engine.cache[RECORD] = TOLD._replace(created_ns=TOLD.created_ns + 10**10, in_use=False)
    kept.look()
    assert record(kept).facts == {**FACTS, "in_use": False}


def test_an_engine_that_fails_there_loses_nothing_and_that_is_said(kept: KeptLedger) -> None:
    kept.look()
    kept.engine.cache_down = SLOW
    assert kept.look() == "ok"
    assert record(kept).facts == FACTS
    store = kept.ledger.find_store()
    assert store is not None
    assert store.state == "ok"
    assert [each for each in store.lacks if "did not answer in time" in each]
    kept.engine.cache_down = None
    kept.look()
    store = kept.ledger.find_store()
    assert store is not None
    assert store.lacks == ()


def test_after_a_restart_of_the_slave_it_is_still_known(kept: KeptLedger) -> None:
    kept.look()
    kept.engine.cache_down = SLOW
    kept.cache_book = CacheBook(kept.engine, gap=lambda took: 0.0)
    kept.look()
    assert record(kept).facts == FACTS


def test_of_what_is_told_no_more_it_is_not_known_whether_it_is_in_use(kept: KeptLedger) -> None:
    kept.look()
    kept.engine.cache = {"another": TOLD}
    kept.look()
    assert record(kept).facts == {**FACTS, "in_use": None}


def test_nothing_is_asked_where_there_is_none(kept: KeptLedger) -> None:
    kept.store.cache.clear()
    kept.look()
    assert "build_cache" not in kept.engine.calls


def test_a_slow_answer_holds_no_look_up_and_comes_with_the_next(kept: KeptLedger) -> None:
    may_answer = Event()
    kept.engine.before_cache = lambda: may_answer.wait(60)
    kept.cache_book = CacheBook(kept.engine, patience_seconds=0.01)
    for _ in range(2):
        assert kept.look() == "ok"
        assert record(kept).facts == {}
    assert kept.engine.calls.count("build_cache") == 0  # the first question is still open
    may_answer.set()
    for thread in threading.enumerate():
        if thread.name == "docker build cache":
            thread.join(60)
    kept.look()
    assert record(kept).facts == FACTS
    assert kept.engine.calls.count("build_cache") == 1


class Clock:
    """Seconds, which an answer takes some of."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(("took", "gap"), [(0.2, 300), (20, 1200), (110, 3600)])
def test_it_is_asked_the_more_rarely_the_longer_it_takes(took: float, gap: float) -> None:
    engine, clock = FakeEngine(), Clock()
    engine.before_cache = lambda: clock.advance(took)
    book = CacheBook(engine, now=clock)
    for _ in range(3):
        before = engine.calls.count("build_cache")
        book.look()
        clock.advance(gap - 1)
        book.look()
        assert engine.calls.count("build_cache") == before + 1
        clock.advance(1.5)


def test_an_entry_of_the_engines_answer() -> None:
    told = build_cache({"BuildCache": [DF, {**DF, "ID": "b", "LastUsedAt": None, "UsageCount": 0, "InUse": False}]})
    assert told == {
        RECORD: CacheRecord(1795324189642199773, 1795324190989153722, in_use=True, shared=False, usage_count=1),
        "b": CacheRecord(1795324189642199773, None, in_use=False, shared=False, usage_count=0),
    }
    assert build_cache({"BuildCache": None}) == {}


@pytest.mark.parametrize("garbage", [{"ID": 7}, {"CreatedAt": "yesterday"}, {"CreatedAt": None}])
def test_garbage_is_no_answer(garbage: dict[str, object]) -> None:
    with pytest.raises(MALFORMED):
        build_cache({"BuildCache": [{**DF, **garbage}]})
