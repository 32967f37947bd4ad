"""Heads and chunks: bounded, strict, and the same however they arrive."""

import socket
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.docker_quota.proxy.chunks import ChunkError, Dechunker
from app.docker_quota.proxy.heads import parse_head, read_head, written
from app.docker_quota.proxy.inlet import Inlet
from app.docker_quota.proxy.refusals import RefusedRequestError
from app.docker_quota.proxy.targets import Action, parse_target

TOKENS = st.text("abcXYZ09!#$%&'*+.^_`|~-", min_size=1, max_size=12).map(str.encode)
TARGETS = st.text("abc/%?=&.~", max_size=20).map(lambda text: b"/" + text.encode())
VALUES = (
    st.binary(max_size=20).filter(lambda value: not set(value) & {*range(32), 127}).map(lambda value: value.strip())
)
FRAMING = {b"content-length", b"transfer-encoding", b"connection", b"keep-alive", b"proxy-connection"}
FIELDS = st.lists(st.tuples(TOKENS.filter(lambda name: name.lower() not in FRAMING), VALUES), max_size=6)


def text_of(method: bytes, target: bytes, fields: Sequence[tuple[bytes, bytes]]) -> bytes:
    lines = [b"%s %s HTTP/1.1" % (method, target), *(b"%s: %s" % field for field in fields)]
    return b"\r\n".join(lines)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(TOKENS, TARGETS, FIELDS)
def test_what_is_understood_is_what_is_passed_on(
    method: bytes, target: bytes, fields: list[tuple[bytes, bytes]]
) -> None:
    head = parse_head(text_of(method, target, fields))
    assert (head.method, head.target, list(head.fields)) == (method, target, fields)
    again = parse_head(written(head).removesuffix(b"\r\n\r\n"))
    assert again.fields[0] == (b"Connection", b"close")
    assert list(again.fields[1:]) == fields


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=300))
@example(b"GET / HTTP/1.1\r\nA: b\r\n\tc")
@example(b"GET / HTTP/1.1\nA: b")
def test_whatever_comes_is_a_head_of_one_meaning_or_refused(text: bytes) -> None:
    try:
        head = parse_head(text)
    except RefusedRequestError:
        return
    passed_on = written(head)
    assert passed_on.count(b"\n") == passed_on.count(b"\r\n") == passed_on.count(b"\r")
    assert passed_on.index(b"\r\n\r\n") == len(passed_on) - 4
    assert not (head.is_chunked and head.length is not None)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(FIELDS, st.lists(st.integers(1, 40), max_size=8))
def test_a_head_may_come_in_pieces(fields: list[tuple[bytes, bytes]], sizes: list[int]) -> None:
    whole = text_of(b"GET", b"/", fields) + b"\r\n\r\nbody"
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        inlet = Inlet(theirs)
        inlet.allow(5)
        for size in sizes:
            piece, whole = whole[:size], whole[size:]
            ours.sendall(piece)
            if piece:
                inlet.fill()
        ours.sendall(whole or b"")
        ours.shutdown(socket.SHUT_WR)
        head = read_head(inlet)
        while inlet.fill():
            pass
        assert head is not None
        assert list(head.fields) == fields
        assert inlet.take() == b"body"


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.binary(min_size=1, max_size=50)), st.integers(1, 30))
def test_chunks_give_the_body_however_they_arrive(chunks: list[bytes], size: int) -> None:
    coded = b"".join(b"%X\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\nX: y\r\n\r\nmore"
    decoder, body = Dechunker(), b""
    for start in range(0, len(coded), size):
        body += decoder.feed(coded[start : start + size])
    assert decoder.is_done
    assert body == b"".join(chunks)


@pytest.mark.parametrize(
    "coded", [b"x\r\n", b"\r\n", b"-1\r\n", b"0x1\r\n", b"1 1\r\n", b"1\r\nabc", b"1\n\r\n", b"1;" + b"x" * 9000]
)
def test_what_is_no_chunk_is_refused(coded: bytes) -> None:
    with pytest.raises(ChunkError):
        Dechunker().feed(coded)


@pytest.mark.parametrize(
    ("method", "target", "action"),
    [
        ("POST", "/build?t=x", Action.BUILD),
        ("POST", "/v1.41/commit", Action.COMMIT),
        ("POST", "/v1.41/images/create?fromImage=x", Action.PULL),
        ("POST", "/images/load", Action.LOAD),
        ("POST", "//v1.41//containers/./create/", Action.CREATE_CONTAINER),
        ("POST", "/x/../networks/create", Action.CREATE_NETWORK),
        ("post", "/volumes/create", Action.CREATE_VOLUME),
        ("GET", "/volumes/create", None),
        ("POST", "/containers/create/start", None),
        ("POST", "/containers%252Fcreate", None),
        ("POST", "/vv1/containers/create", None),
        ("POST", "/containers/abc/exec?containers/create", None),
    ],
)
def test_targets_are_known_by_what_dockerd_would_route(method: str, target: str, action: Action | None) -> None:
    assert parse_target(method.encode(), target.encode()).action == action
