"""The way to dockerd: a new connection for every request."""

import json
import socket
import struct
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from app.docker_quota.proxy.answers import OK, Answer
from app.docker_quota.proxy.refusals import RefusedRequestError

CONNECT_SECONDS = 30
_ASK_SECONDS = 30.0
_LARGEST_ANSWER = 1024 * 1024
_BLOCK = 65_536


def connect(path: Path) -> socket.socket:
    """A connection to dockerd's socket. RefusedRequestError (503): nobody is there, or it accepts nobody."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        # a Unix socket with a full backlog refuses at once, unless one waits for it in this way (socket(7))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", CONNECT_SECONDS, 0))
        connection.connect(str(path))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 0, 0))
    except OSError as error:
        connection.close()
        message = f"dockerd cannot be reached at {path}: {error.strerror or error}. Is the docker daemon running?"
        raise RefusedRequestError(HTTPStatus.SERVICE_UNAVAILABLE, message) from error
    return connection


def read_answer(connection: socket.socket) -> bytes:
    """All that dockerd answers until it closes, or what exceeds 1 MiB by a little: then more may follow."""
    answer = bytearray()
    while len(answer) <= _LARGEST_ANSWER and (block := connection.recv(_BLOCK)):
        answer += block
    return bytes(answer)


def find_image_id(path: Path, name: str) -> str | None:
    """The id (`sha256:…`) of an image by its name; None where dockerd tells none."""
    request = f"GET /images/{quote(name, safe='/:@')}/json HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n"
    try:
        with connect(path) as connection:
            connection.settimeout(_ASK_SECONDS)
            connection.sendall(request.encode())
            told, answer = read_answer(connection), Answer()
    except (OSError, RefusedRequestError):
        return None
    body = answer.feed(told)
    try:
        found = json.loads(body) if answer.status == OK else {}
    except ValueError:
        return None
    image_id = found.get("Id") if isinstance(found, dict) else None
    return image_id if isinstance(image_id, str) else None
