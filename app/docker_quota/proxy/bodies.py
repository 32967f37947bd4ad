"""Bodies of creations: read whole, bounded."""

from http import HTTPStatus

from app.docker_quota.proxy.chunks import ChunkError, Dechunker
from app.docker_quota.proxy.heads import Head
from app.docker_quota.proxy.inlet import Inlet
from app.docker_quota.proxy.refusals import RefusedRequestError, bad_request

MAX_BODY_BYTES = 4 * 1024 * 1024
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def read_body(inlet: Inlet, head: Head) -> bytes:
    """The body that belongs to the head, decoded. Raises RefusedRequestError, OSError."""
    if (head.length or 0) > MAX_BODY_BYTES:
        raise _too_large()
    if head.expects_continue and head.has_body and not inlet.buffer:
        inlet.connection.sendall(_CONTINUE)
    return _chunked(inlet) if head.is_chunked else _of_length(inlet, head.length or 0)


def _of_length(inlet: Inlet, length: int) -> bytes:
    while len(inlet.buffer) < length:
        _fill(inlet)
    return inlet.take(length)


def _chunked(inlet: Inlet) -> bytes:
    body, chunks, received = bytearray(), Dechunker(), 0
    while True:
        received += len(inlet.buffer)
        try:
            body += chunks.feed(inlet.take())
        except ChunkError as error:
            raise bad_request(f"the chunked body is malformed: {error}") from error
        if received > 2 * MAX_BODY_BYTES or len(body) > MAX_BODY_BYTES:
            raise _too_large()
        if chunks.is_done:
            return bytes(body)
        _fill(inlet)


def _fill(inlet: Inlet) -> None:
    if not inlet.fill():
        raise bad_request("the body is shorter than its head says")


def _too_large() -> RefusedRequestError:
    return RefusedRequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body of a creation exceeds 4 MiB")
