"""The slave's own server: does it answer, or does something else have its port?"""

import http.client
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from app.slave.doctor.findings import Finding, error, quoted, warning

ANSWER_SECONDS = 3.0
_MOST_BYTES = 4096
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1", "[::]": "::1"}  # noqa: S104 - bound there, it answers here


class Answer(Enum):
    """What is there at the slave's address."""

    SLAVE = auto()
    NOBODY = auto()
    SOMETHING_ELSE = auto()
    SILENCE = auto()


@dataclass(frozen=True, slots=True)
class Server:
    """Where the slave should listen, and what is there."""

    bind: str
    port: int
    answer: Answer


def of_server(server: Server, settings_file: Path) -> Iterator[Finding]:
    """What is wrong there."""
    where = f"{server.bind}:{server.port}"
    who = f"ss -ltnp 'sport = :{server.port}'"
    match server.answer:
        case Answer.NOBODY:
            yield warning(
                "slave_not_running",
                where,
                found="nobody listens there",
                why="The master shows this host with its last figures, as stale.",
                mend=f"CONFIG_PATH={quoted(str(settings_file))} python run.py   # or systemctl start qman-slave",
            )
        case Answer.SOMETHING_ELSE:
            yield error(
                "port_taken",
                where,
                found="something answers there that is no slave of qman",
                why="The slave cannot start, and the master asks a stranger.",
                mend=f"{who}   # shows what it is: stop it, or change PORT here and on the master",
            )
        case Answer.SILENCE:
            yield error(
                "slave_silent",
                where,
                found=f"something listens there and says nothing within {ANSWER_SECONDS:g} seconds",
                why="The master shows this host with its last figures, as stale.",
                mend=f"{who}   # shows what it is; if it is the slave: systemctl restart qman-slave",
            )
        case Answer.SLAVE:
            return


def look_at_server(bind: str, port: int) -> Server:
    """Asks `/remote-api/ping` there."""
    connection = http.client.HTTPConnection(_ANY.get(bind, bind.strip("[]")), port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/remote-api/ping")
        answer = connection.getresponse()
        is_slave = answer.status == http.client.OK and json.loads(answer.read(_MOST_BYTES)) == {"status": "ok"}
    except ConnectionRefusedError:
        return Server(bind, port, Answer.NOBODY)
    except TimeoutError:
        return Server(bind, port, Answer.SILENCE)
    except (OSError, ValueError, http.client.HTTPException, socket.gaierror):
        return Server(bind, port, Answer.SOMETHING_ELSE)
    finally:
        connection.close()
    return Server(bind, port, Answer.SLAVE if is_slave else Answer.SOMETHING_ELSE)
