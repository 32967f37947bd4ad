"""Claims that go through a queue: some in a message, and none are lost where the queue takes nothing."""

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from app.db.engine import Database
from app.db.repositories.schedule import Claim
from app.master.collector.elsewhere import HOSTS_TOGETHER, PAUSE_SECONDS, NotSentError, QueueDispatch
from app.master.collector.schedule import Scheduler
from app.tasks.collect import BROKER_SECONDS, TaskQueue
from tests.fakes.fleet_database import PACE, HandClock, entry, fleet_of, new_database, sync

HOSTS = [f"h{number:03}" for number in range(2 * HOSTS_TOGETHER + 1)]


class FailingQueue:
    """Takes so many messages, then none."""

    def __init__(self, takes: int) -> None:
        self.takes = takes
        self.messages: list[Sequence[Claim]] = []

    def send(self, claims: Sequence[Claim]) -> None:
        if len(self.messages) >= self.takes:
            raise NotSentError("as the test wants it")
        self.messages.append(claims)

    def close(self) -> None:
        """Nothing to end."""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = new_database(tmp_path)
    sync(database, [(host_id, host_id, "http://localhost") for host_id in HOSTS])
    yield database
    database.dispose()


class Stopwatch:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def plan(database: Database, stopwatch: Stopwatch) -> Callable[[FailingQueue], Scheduler]:
    fleet, clock = fleet_of([entry(host_id, "http://localhost") for host_id in HOSTS]), HandClock()
    return lambda queue: Scheduler(database, fleet, clock, PACE, QueueDispatch(database, queue, stopwatch))


Plan = Callable[[FailingQueue], Scheduler]


def test_each_message_has_some_hosts(plan: Plan) -> None:
    queue = FailingQueue(takes=100)
    assert plan(queue).start_due() == len(HOSTS)
    assert [len(message) for message in queue.messages] == [HOSTS_TOGETHER, HOSTS_TOGETHER, 1]
    assert [claim.host_id for message in queue.messages for claim in message] == HOSTS


def test_what_the_queue_does_not_take_is_due_again_at_once(plan: Plan) -> None:
    plan(FailingQueue(takes=1)).start_due()
    other = FailingQueue(takes=100)
    plan(other).start_due()
    assert [claim.host_id for message in other.messages for claim in message] == HOSTS[HOSTS_TOGETHER:]


def test_a_queue_that_took_nothing_is_left_alone_for_a_moment(plan: Plan, stopwatch: Stopwatch) -> None:
    queue = FailingQueue(takes=0)
    planner = plan(queue)
    planner.start_due()
    queue.takes = 100
    assert planner.start_due() == 0
    stopwatch.now += PAUSE_SECONDS - 0.1
    assert planner.start_due() == 0
    stopwatch.now += 0.2
    assert planner.start_due() == len(HOSTS)


@pytest.mark.parametrize("listens", [True, False], ids=["hangs", "refuses"])
def test_a_broker_that_hangs_or_refuses_is_not_waited_for(listens: bool) -> None:
    with socket.socket() as broker:
        broker.bind(("127.0.0.1", 0))
        if listens:
            broker.listen()
        with closing(TaskQueue(f"redis://:secret@127.0.0.1:{broker.getsockname()[1]}/0")) as queue:
            began = time.monotonic()
            with pytest.raises(NotSentError, match="the broker does not answer") as raised:
                queue.send([Claim("h1", "token")])
            assert time.monotonic() - began < 15 * BROKER_SECONDS  # by itself the client waits for ever
    assert "secret" not in str(raised.value)
