"""Puts the label that names the creator into bodies and queries, as Go would read them.

Go's encoding/json takes a key for a field whatever its case, with the two letters beyond ASCII that fold to one of it
(`ſ` to s, the Kelvin sign to k); of several such keys each is decoded into the same map. So all of them become one.
Numbers and unknown members stay as they were written.
"""

import json
import string
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from app.docker_quota.proxy.refusals import RefusedRequestError, bad_request

LABEL = "qman.user"
_FOLDED = str.maketrans(f"{string.ascii_uppercase}\u017f\u212a", f"{string.ascii_lowercase}sk")


class Members(list[tuple[str, Any]]):
    """An object's members in their order; a key may stand twice."""


class Number(str):
    """A number as it was written."""

    __slots__ = ()


def _no_constant(name: str) -> Any:
    message = f"{name} is no JSON"
    raise ValueError(message)


_DECODER = json.JSONDecoder(
    object_pairs_hook=Members, parse_int=Number, parse_float=Number, parse_constant=_no_constant
)


def labelled(body: bytes, user: str) -> bytes:
    """The body of a creation with the label, alone of its name at any depth. An empty `user` names nobody.

    Raises RefusedRequestError where the body is no JSON object.
    """
    if not body.strip():
        return body
    # Go takes malformed UTF-8 for U+FFFD; what follows the value is dockerd's to judge
    text = body.decode("utf-8", errors="replace").lstrip(" \t\r\n")
    try:
        value, end = _DECODER.raw_decode(text)
        if not isinstance(value, Members | None):
            raise bad_request("the body is no JSON object")
        changed = _with_label(_without_claims(value or Members(), user), user)
        return (_written(changed) + text[end:]).encode()
    except (ValueError, RecursionError) as error:
        raise bad_request("the body is no JSON that the proxy can read") from error


def _with_label(members: Members, user: str) -> Members:
    merged: dict[str, Any] = {}
    others = Members()
    for key, value in members:
        if not _is_labels(key) or not isinstance(value, Members | None):
            others.append((key, value))
        elif value is None:
            merged.clear()
        else:
            merged.update(value)
    others.append(("Labels", Members({**merged, LABEL: user}.items())))
    return others


def _without_claims(value: Any, user: str) -> Any:
    """Labels inside, such as those of a mount's volume, may not name somebody else."""
    if isinstance(value, Members):
        return Members((key, (_labels if _is_labels(key) else _without_claims)(inner, user)) for key, inner in value)
    return [_without_claims(each, user) for each in value] if isinstance(value, list) else value


def _labels(value: Any, user: str) -> Any:
    if not isinstance(value, Members):
        return value
    return Members((key, user if key == LABEL else inner) for key, inner in value)


def _is_labels(key: str) -> bool:
    return key.translate(_FOLDED) == "labels"


def _written(value: Any) -> str:
    if isinstance(value, Members):
        return "{" + ",".join([f"{json.dumps(key)}:{_written(inner)}" for key, inner in value]) + "}"
    if isinstance(value, list):
        return "[" + ",".join([_written(each) for each in value]) + "]"
    return str(value) if isinstance(value, Number) else json.dumps(value)


def labelled_build(query: bytes, user: str) -> bytes:
    """The query of a build whose image gets the label beside those asked for. Raises RefusedRequestError."""
    pieces = _pieces(query)
    asked = [piece for piece in pieces if _key(piece) == "labels"]
    text = _value(asked[0]) if asked else ""
    labels = labelled(b'{"Labels":%s}' % (text.encode() or b"{}"), user)
    kept = [piece for piece in pieces if _key(piece) != "labels"]
    return b"&".join([*kept, b"labels=" + quote(json.dumps(json.loads(labels)["Labels"]), safe="").encode()])


def labelled_commit(query: bytes, user: str) -> bytes:
    """The query of a commit whose image gets the label: the last change counts. Raises RefusedRequestError."""
    escaped = "".join(f"\\{each}" if each in '\\"$' else each for each in user)
    change = f'LABEL {LABEL}="{escaped}"'
    return b"&".join([*_pieces(query), b"changes=" + quote(change, safe="").encode()])


def _pieces(query: bytes) -> list[bytes]:
    if b";" in query:
        raise RefusedRequestError(HTTPStatus.BAD_REQUEST, "a semicolon in the query")
    return [piece for piece in query.split(b"&") if piece]


def _key(piece: bytes) -> str:
    return _decoded(piece.partition(b"=")[0])


def _value(piece: bytes) -> str:
    return _decoded(piece.partition(b"=")[2])


def _decoded(text: bytes) -> str:
    return unquote_to_bytes(text.replace(b"+", b" ")).decode("utf-8", errors="replace")
