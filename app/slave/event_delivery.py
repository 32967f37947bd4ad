"""The use case "tell the master what happened here": from the outbox, in order, at least once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import orjson
import requests
import structlog
from pydantic import ValidationError
from requests import exceptions

from app.auth.signatures import SlaveAuth
from app.db.engine import Database
from app.db.repositories.docker_enforcement import DockerOutboxRepository, StoredEvent
from app.quota.clock import Clock
from app.settings.keys import SigningKey
from app.web.wire import Out

log = structlog.get_logger(__name__)

AT_ONCE = 100
MOST_CALLS = 50
"""In one round; what is left goes with the next."""
CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
_LARGEST = 64 * 1024
_MAY_PASS = frozenset({401, 429})
"""Of all 4xx these say nothing about the events: a clock or a key that is wrong, or too much at once."""

OK = "ok"
WAITING = "waiting"
NO_MASTER = "no_master"


class Receiver(NamedTuple):
    """Where the master takes events, and the key that signs them. `ca_file`: its own authority, for https."""

    url: str
    key: SigningKey
    ca_file: str | None = None


class _Accepted(Out):
    accepted: list[str]


class _RefusedError(Exception):
    """The master does not take it, now or ever."""


class _NotNowError(Exception):
    """The master, or the way to it, is not there."""


@dataclass(frozen=True, slots=True)
class EventDelivery:
    """Delivers what is queued. `find_receiver` is asked each time: keys change; None: there is no master to tell."""

    database: Database
    find_receiver: Callable[[], Receiver | None]
    clock: Clock

    def deliver(self) -> str:
        """`ok`, `waiting`: the rest goes later, or `no_master`. What the master refuses is parked, the others go on.

        DatabaseUnavailableError, NoSpaceError: what was delivered may be told again.
        """
        receiver = self.find_receiver()
        if receiver is None:
            return NO_MASTER
        with requests.Session() as session:
            session.trust_env = False
            try:
                for _ in range(MOST_CALLS):
                    if not (queued := self._queued()):
                        return OK
                    self._send(session, receiver, queued)
            except _NotNowError as error:
                log.info("events_wait", url=receiver.url, reason=str(error))
        return WAITING

    def _send(self, session: requests.Session, receiver: Receiver, events: Sequence[StoredEvent]) -> None:
        """All at once; where that is refused one by one, so that only what cannot be taken is parked."""
        try:
            accepted = self._post(session, receiver, events)
        except _RefusedError as error:
            if len(events) > 1:
                for event in events:
                    self._send(session, receiver, [event])
                return
            log.warning("event_parked", event_id=events[0].id, reason=str(error))
            self._keep([events[0].id], "parked", str(error))
            return
        self._keep([event.id for event in events if event.id in accepted], "delivered")
        if not accepted & {event.id for event in events}:
            raise _NotNowError("it accepted nothing")

    def _post(self, session: requests.Session, receiver: Receiver, events: Sequence[StoredEvent]) -> set[str]:
        body = b'{"events":[' + b",".join(event.body.encode() for event in events) + b"]}"
        try:
            with session.post(
                receiver.url,
                data=body,
                headers={"Content-Type": "application/json"},
                auth=SlaveAuth(receiver.key, self.clock),
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
                verify=receiver.ca_file or True,
            ) as response:
                status, content = response.status_code, response.raw.read(_LARGEST, decode_content=True)
        except exceptions.SSLError as error:
            raise _NotNowError("its certificate is not accepted (MASTER_EVENT_CALLBACK_CA_FILE)") from error
        except (exceptions.RequestException, OSError, ValueError) as error:
            raise _NotNowError(type(error).__name__) from error
        if 400 <= status < 500 and status not in _MAY_PASS:  # noqa: PLR2004 - what HTTP calls the client's fault
            raise _RefusedError(f"status {status}: {_detail(content)}")
        try:
            if status == requests.codes.ok:
                return set(_Accepted.model_validate_json(content).accepted)
        except ValidationError as error:
            raise _NotNowError("what answers is no master") from error
        raise _NotNowError(f"status {status}")

    def _queued(self) -> Sequence[StoredEvent]:
        with self.database.read() as connection:
            return DockerOutboxRepository(connection).events("queued", most=AT_ONCE)

    def _keep(self, event_ids: Sequence[str], state: str, problem: str | None = None) -> None:
        with self.database.write() as connection:
            DockerOutboxRepository(connection).set_state(event_ids, state, problem)


def _detail(content: bytes) -> str:
    """What a problem document says, as one line."""
    try:
        told = orjson.loads(content)
    except orjson.JSONDecodeError:
        return "no reason given"
    detail = told.get("detail") if isinstance(told, dict) else None
    return " ".join(str(detail or "no reason given").split())[:500]
