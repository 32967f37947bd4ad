"""Counts of several processes, added up; what cannot be written costs sharing and nothing else."""

import multiprocessing
from pathlib import Path

from app.slave.metrics.tallies import BUCKETS_SECONDS, Tallies


def count_some(directory: Path, run_id: str) -> None:
    tallies = Tallies(directory, run_id)
    tallies.reading_done("/dev/sda1", 0.125)
    tallies.reading_failed("/dev/sdb1", "device_timeout")
    tallies.request_refused()


def test_the_counts_of_all_processes_are_added_up_whoever_is_asked(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=count_some, args=(tmp_path / "metrics", "run-1")) for _ in range(2)]
    for worker in workers:
        worker.start()
    own = Tallies(tmp_path / "metrics", "run-1")
    own.reading_done("/dev/sda1", 60)
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    asked = Tallies(tmp_path / "metrics", "run-1")
    for totals in (own.totals(), asked.totals()):
        seen = totals.durations["/dev/sda1"]
        assert seen.counts == [0] * BUCKETS_SECONDS.index(0.25) + [2] + [0] * 6 + [1]
        assert seen.sum_seconds == 60.25
        assert (totals.failures, totals.refused) == ({"/dev/sdb1": {"device_timeout": 2}}, 2)


def test_what_is_on_the_edge_of_a_bucket_is_inside(tmp_path: Path) -> None:
    tallies = Tallies()
    tallies.reading_done("/dev/sda1", BUCKETS_SECONDS[3])
    assert tallies.totals().durations["/dev/sda1"].counts.index(1) == 3


def test_a_new_run_begins_at_zero_and_removes_the_counts_of_the_last(tmp_path: Path) -> None:
    count_some(tmp_path / "metrics", "run-1")
    after = Tallies(tmp_path / "metrics", "run-2")
    assert after.totals().refused == 0
    after.request_refused()
    assert [path.name for path in (tmp_path / "metrics").iterdir()] == ["run-2"]


def test_what_cannot_be_written_is_counted_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "metrics").write_text("a file where the directory should be")
    tallies = Tallies(tmp_path / "metrics", "run-1")
    for _ in range(2):
        tallies.reading_failed("/dev/sda1", "device_timeout")
    assert tallies.totals().failures == {"/dev/sda1": {"device_timeout": 2}}


def test_a_file_that_is_no_counts_is_passed_over(tmp_path: Path) -> None:
    count_some(tmp_path / "metrics", "run-1")
    (tmp_path / "metrics" / "run-1" / "1-x.json").write_text('{"durations": {"/dev/sda1": {"counts": "many"}}}')
    (tmp_path / "metrics" / "run-1" / "2-x.json").write_text("{")
    assert Tallies(tmp_path / "metrics", "run-1").totals().refused == 1
