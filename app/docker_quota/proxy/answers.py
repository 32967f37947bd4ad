"""dockerd's answers, as far as they name what was created. Nothing in them is changed."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from app.docker_quota.proxy.chunks import ChunkError, Dechunker
from app.docker_quota.proxy.labels import LABEL
from app.docker_quota.proxy.targets import Action

_HEAD_END = b"\r\n\r\n"
_LONGEST_HEAD = 64 * 1024
_LONGEST_MESSAGE = 1024 * 1024
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})")
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked[ \t]*(?=\r\n|$)", re.IGNORECASE)
_IMAGE_ID = re.compile(r"sha256:[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/@-]{0,299}")
"""Of ids and names that may be kept: what a database takes, and a URL."""
_LOADED = "Loaded image: "
_LOADED_ID = "Loaded image ID: "
_PULLED = "Status: Downloaded newer image for "


class Answer:
    """An answer as it comes in: its status, None until the head is there, and the bytes of its body."""

    def __init__(self) -> None:
        self.status: int | None = None
        self._head: bytearray | None = bytearray()
        self._chunks: Dechunker | None = None

    def feed(self, block: bytes) -> bytes:
        """The next bytes of the body; nothing where it is no HTTP."""
        if self._head is None:
            return self._body(block)
        self._head += block
        end = self._head.find(_HEAD_END)
        if end < 0:
            if len(self._head) > _LONGEST_HEAD:
                self._head.clear()
            return b""
        head, rest = bytes(self._head[:end]), bytes(self._head[end + len(_HEAD_END) :])
        status = _STATUS.match(head)
        if status and status[1].startswith(b"1"):  # an interim answer: the real one follows
            self._head = bytearray()
            return self.feed(rest)
        self._head = None
        self.status = int(status[1]) if status else 0
        self._chunks = Dechunker() if _CHUNKED.search(head) else None
        return self._body(rest)

    def _body(self, block: bytes) -> bytes:
        if self._chunks is None:
            return block
        try:
            return self._chunks.feed(block)
        except ChunkError:
            return b""


CREATED = 201
OK = 200


def created_id(action: Action, answer: bytes, label: str) -> str | None:
    """The id in the whole answer to a creation; None where nothing was created.

    Of a volume its name, where its label is the one that was asked for: dockerd answers in the same way where the
    volume was there before.
    """
    incoming = Answer()
    body = incoming.feed(answer)
    if incoming.status != CREATED:
        return None
    found = _object(body)
    if action is Action.CREATE_VOLUME:
        is_new = bool(label) and _members(found.get("Labels")).get(LABEL) == label
        return _name(found.get("Name")) if is_new else None
    return _name(found.get("Id"))


class ImageWatch:
    """Sees the answer of a build, commit, pull, import or load pass, and keeps which images it names."""

    def __init__(self, action: Action, query: bytes) -> None:
        """`query` is the request's: it says of a build whether it is a quiet one, of a pull whether it is an import."""
        asked = dict(parse_qsl(query.decode("latin-1")))
        self._find: Callable[[dict[str, Any]], str | None] = {
            Action.BUILD: _quietly_built if asked.get("q") in {"1", "true", "True"} else _built,
            Action.PULL: _imported if asked.get("fromSrc") else _pulled,
            Action.LOAD: _loaded,
        }.get(action, _committed)
        self._answer = Answer()
        self._line = bytearray()
        self._is_too_long = False
        self._names: dict[str, None] = {}

    def __call__(self, block: bytes) -> None:
        """The next bytes of the answer; none at its end."""
        self._line += self._answer.feed(block)
        *lines, rest = self._line.split(b"\n")
        for line in lines:
            self._look_at(bytes(line))
        self._line = rest
        if len(self._line) > _LONGEST_MESSAGE:
            self._line.clear()
            self._is_too_long = True

    def _look_at(self, line: bytes) -> None:
        if self._is_too_long:  # the end of a message whose beginning was dropped
            self._is_too_long = False
            return
        name = self._find(_object(line))
        if name:
            self._names[name] = None

    def images(self) -> Iterator[str]:
        """Ids (`sha256:…`), and names where dockerd told nothing else; nothing where it refused."""
        if self._answer.status in {OK, CREATED}:
            if not self._is_too_long:
                self._look_at(bytes(self._line))
            yield from self._names


def _built(message: dict[str, Any]) -> str | None:
    return _image_id(_members(message.get("aux")).get("ID"))


def _quietly_built(message: dict[str, Any]) -> str | None:
    return _image_id((_text(message.get("stream")) or "").strip()) or _built(message)


def _committed(message: dict[str, Any]) -> str | None:
    return _image_id(message.get("Id"))


def _imported(message: dict[str, Any]) -> str | None:
    return _image_id(message.get("status"))


def _pulled(message: dict[str, Any]) -> str | None:
    status = _text(message.get("status")) or ""
    return _name(status.removeprefix(_PULLED).strip()) if status.startswith(_PULLED) else None


def _loaded(message: dict[str, Any]) -> str | None:
    text = _text(message.get("stream")) or ""
    if text.startswith(_LOADED_ID):
        return _image_id(text.removeprefix(_LOADED_ID).strip())
    return _name(text.removeprefix(_LOADED).strip()) if text.startswith(_LOADED) else None


def _image_id(value: object) -> str | None:
    return value if isinstance(value, str) and _IMAGE_ID.fullmatch(value) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and _NAME.fullmatch(value) else None


def _members(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _object(body: bytes) -> dict[str, Any]:
    try:
        return _members(json.loads(body)) if body.strip() else {}
    except (ValueError, RecursionError):
        return {}
