"""Celery's filesystem transport, made safe for several processes at once, and for those that are killed.

Kombu's own opens a file first and writes it then: who reads in between finds nothing, and a worker ends by that.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

import structlog
from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

log = structlog.get_logger(__name__)

TRANSPORT = f"{__name__}:Transport"
"""Its name in Celery's settings."""
_LOCK = "lock"


class Channel(filesystem.Channel):  # type: ignore[misc]  # Kombu is untyped
    """A message is there as a whole or not at all, and one reader gets it. Tables are read and written one by one."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:
        """ChannelError: the disk is full, or the folder is gone."""
        path = Path(self.data_folder_out, f"{time.time_ns():020}_{uuid4()}.{queue}.msg")
        unfinished = path.with_name(f"{path.name}.part")
        try:
            unfinished.write_bytes(dumps(payload).encode())
            unfinished.rename(path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise ChannelError(f"{path} cannot be written: {error}") from error

    def _get(self, queue: str, **_: Any) -> Any:
        """The oldest message. Empty: there is none. ChannelError: the folder cannot be read."""
        try:
            for name in sorted(each.name for each in Path(self.data_folder_in).iterdir()):
                if name.partition(".")[2] == f"{queue}.msg" and (content := self._take(name)) is not None:
                    try:
                        return loads(content)
                    except ValueError:
                        log.warning("message_dropped", file=name, reason="it is no JSON")
        except OSError as error:
            raise ChannelError(f"{self.data_folder_in} cannot be read: {error}") from error
        raise Empty

    def _take(self, name: str) -> bytes | None:
        """Its content; None where another reader was faster. It is nobody else's from here on."""
        taken = Path(self.processed_folder, name)
        try:
            Path(self.data_folder_in, name).rename(taken)
        except FileNotFoundError:
            return None
        content = taken.read_bytes()
        taken.unlink()
        return content

    def get_table(self, exchange: str) -> Any:
        """Which queues get what is sent there."""
        with self._locked(exchange):
            return super().get_table(exchange)

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        with self._locked(exchange):
            super()._queue_bind(exchange, routing_key, pattern, queue)

    def _delete(self, queue: str, exchange: str, routing_key: str, pattern: str, *args: Any, **kwargs: Any) -> None:
        with self._locked(exchange):
            super()._delete(queue, exchange, routing_key, pattern, *args, **kwargs)

    @contextmanager
    def _locked(self, exchange: str) -> Iterator[None]:
        """No other process is at the tables. What one left half written is removed: everybody binds what it needs."""
        with Path(self.control_folder, _LOCK).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            path: Path = self._exchange_file(exchange)
            try:
                loads(path.read_bytes())
            except FileNotFoundError:
                pass
            except ValueError:
                log.warning("exchange_table_dropped", file=path.name)
                path.unlink()
            yield


class Transport(filesystem.Transport):  # type: ignore[misc]  # as above
    """For the setting `broker_transport`; takes the options of Kombu's."""

    Channel = Channel
