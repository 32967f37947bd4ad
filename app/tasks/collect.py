"""The readings of a master as tasks, on the queue `qman.collect`: servers send claims, workers read the hosts."""

import threading
from collections.abc import Sequence

import structlog
from celery import Celery
from celery.exceptions import OperationalError

from app.bootstrap.collecting import host_reader
from app.db.errors import DatabaseUnavailableError, NoSpaceError
from app.db.repositories.schedule import CLAIM_DURATION, Claim
from app.master.collector.elsewhere import NotSentError
from app.master.collector.reader import HostReader
from app.settings.master import MasterSettings

log = structlog.get_logger(__name__)

COLLECT_QUEUE = "qman.collect"
READ_HOSTS = "qman.collect.read_hosts"
BROKER_SECONDS = 2.0
"""To connect, and for each answer: a broker that hangs must not cost the sender its lease."""

MOST_MESSAGES = 500
"""That wait. Nobody who is late takes up its claims, so where no worker listens they must not pile up."""


def add_collect_tasks(application: Celery, settings: MasterSettings) -> None:
    """Adds the task that reads hosts. All tasks of a process share one reader, which is made in that process."""
    lock = threading.Lock()
    made: list[HostReader] = []

    def reader() -> HostReader:
        with lock:
            if not made:
                made.append(host_reader(settings))
            return made[0]

    @application.task(name=READ_HOSTS)  # type: ignore[untyped-decorator]  # Celery is untyped
    def read_hosts(claims: list[list[str]]) -> None:
        """Reads those hosts whose claims still stand; ends when they are stored."""
        try:
            reader().read([Claim(host_id, token) for host_id, token in claims])
        except (DatabaseUnavailableError, NoSpaceError) as error:
            log.warning("hosts_not_read", hosts=len(claims), reason=error.code)


class TaskQueue:
    """Sends claims as tasks. Whatever the broker does, sending ends within a few seconds."""

    def __init__(self, broker_url: str) -> None:
        """Connects to nobody yet."""
        self._application = Celery("qman", broker=broker_url, set_as_current=False)
        self._application.conf.update(
            task_ignore_result=True,
            broker_connection_timeout=BROKER_SECONDS,
            broker_transport_options={
                "socket_connect_timeout": BROKER_SECONDS,
                "socket_timeout": BROKER_SECONDS,
                "retry_on_timeout": False,
                "max_retries": 0,
            },
        )
        self._connection = self._application.connection_for_write()

    def send(self, claims: Sequence[Claim]) -> None:
        """Sends one message, which expires when its claims do. NotSentError."""
        try:
            self._send(claims)
        except (OperationalError, *self._connection.connection_errors, *self._connection.channel_errors) as error:
            self.close()
            raise NotSentError(f"the broker does not answer ({type(error).__name__})") from error

    def close(self) -> None:
        """Closes the connection; the next message opens another."""
        self._connection.release()
        self._connection = self._application.connection_for_write()

    def _send(self, claims: Sequence[Claim]) -> None:
        queue = self._application.amqp.queues[COLLECT_QUEUE](self._connection.default_channel)
        if queue.queue_declare().message_count >= MOST_MESSAGES:
            raise NotSentError(f"{MOST_MESSAGES} messages wait already: more workers are needed")
        with self._application.amqp.Producer(self._connection, auto_declare=False) as producer:
            self._application.send_task(
                READ_HOSTS,
                args=[[list(claim) for claim in claims]],
                queue=COLLECT_QUEUE,
                expires=CLAIM_DURATION.total_seconds(),
                retry=False,
                producer=producer,
            )
