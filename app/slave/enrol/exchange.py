"""The use case "this host is enrolled": a code for keys, into the keys file, until the master could read the host."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

import structlog
from pydantic import ValidationError

from app.auth.enrolment.code import CodeKeys
from app.auth.enrolment.errors import SealBrokenError
from app.auth.enrolment.sealing import Asker, SealedOut, enrolment_words
from app.quota.clock import Clock
from app.settings.keys import KeyPair
from app.settings.keys_file import HeldKeys, HeldPair, changing, write_keys
from app.slave.enrol.master import Master, MasterNotReachedError, MasterRefusedError
from app.web.wire import Out

log = structlog.get_logger(__name__)

EVENTS_PATH = "/api/internal/slave-events"
CONFIRM_WITHIN = timedelta(seconds=30)
ASK_EVERY_SECONDS = 1.0


class _ReadingProblem(Out):
    code: str
    detail: str


class _Status(Out):
    state: Literal["unconfirmed", "enrolled"]
    problem: _ReadingProblem | None = None


@dataclass(frozen=True, slots=True)
class HostEnrolment:
    """Of this host, at this master. `wait` sleeps for so many seconds."""

    host_id: str
    keys_file: Path
    master: Master
    clock: Clock
    wait: Callable[[float], None]

    def exchange(self, code: str) -> KeyPair:
        """The host's keys, in the keys file in place of all others there. Nothing is written unless all went well.

        CodeMalformedError, SettingsError: the keys file cannot be written, and the code is as it was;
        MasterNotReachedError, MasterRefusedError, SealBrokenError: what answered is not the master that made the code.
        """
        keys, asker = CodeKeys.of(code), Asker()
        with changing(self.keys_file) as held:
            write_keys(self.keys_file, held)  # what cannot be written must be known before the code is used
            body = {"host_id": self.host_id, "public_key": asker.public_key}
            answer = self.master.call("/api/enrolment", body, keys.signing, SealedOut)
            pair = _pair_of(asker, answer, keys, self.host_id)
            held_pair = HeldPair.model_validate(pair.plain())
            write_keys(self.keys_file, HeldKeys(pairs=(held_pair,), events_url=f"{self.master.url}{EVENTS_PATH}"))
        log.info("keys_written", file=str(self.keys_file), key_id=pair.read.id)
        return pair

    def confirmations(self, pair: KeyPair) -> Iterator[str | None]:
        """Why the master cannot read the host yet, after each try; ends when it did. At most for half a minute.

        MasterNotReachedError, MasterRefusedError.
        """
        end = self.clock() + CONFIRM_WITHIN
        while self.clock() < end:
            status = self.master.call("/api/enrolment/status", {"host_id": self.host_id}, pair.event, _Status)
            if status.state == "enrolled":
                return
            yield status.problem.detail if status.problem else None
            self.wait(ASK_EVERY_SECONDS)
        raise NotConfirmedError


class NotConfirmedError(Exception):
    """The keys are in place, and the master could not read the host with them in time."""


def _pair_of(asker: Asker, answer: SealedOut, keys: CodeKeys, host_id: str) -> KeyPair:
    content = asker.opened(answer, keys.sealing, enrolment_words(host_id, keys.code_id))
    try:
        return KeyPair.model_validate(content)
    except ValidationError as error:
        raise SealBrokenError("The master answered something else than keys.") from error


__all__ = ["HostEnrolment", "MasterNotReachedError", "MasterRefusedError", "NotConfirmedError"]
