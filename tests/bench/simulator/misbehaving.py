"""How simulated hosts go wrong: one name for each way."""

import asyncio
from collections.abc import Callable
from enum import StrEnum

from tests.bench.simulator.answers import Answer, problem

MEBIBYTE = 2**20
HUGE_BYTES = 100 * MEBIBYTE
DRIP_SECONDS = 0.2


class Kind(StrEnum):
    """What a host does instead of answering, and the `problem.code` that the master must give for it."""

    HANG = "hang"
    """Accepts, reads, never answers: timeout."""
    REFUSED = "refused"
    """Nobody listens: refused."""
    BLACK_HOLE = "black_hole"
    """Every packet is dropped; open connections fall silent: timeout."""
    GARBAGE = "garbage"
    """HTML with status 200: garbage."""
    NOISE = "noise"
    """Bytes that are no HTTP: garbage."""
    HALF = "half"
    """Promises all, sends half, hangs up: garbage."""
    HUGE = "huge"
    """100 MiB of JSON, without saying how much comes: too_large."""
    REDIRECT = "redirect"
    """To the first host of the fleet: redirected."""
    TRICKLE = "trickle"
    """A byte now and then, for ever: timeout."""
    ERROR = "error"
    """Status 500: http_error."""
    UNAUTHORIZED = "unauthorized"
    """Accepts no key: unauthorized."""
    WRONG_CERTIFICATE = "wrong_certificate"
    """Of another authority; for hosts that speak TLS: tls."""
    SILENT = "silent"
    """Does what it is asked, then hangs up without a word: garbage. A change is made, and nobody is told."""

    @property
    def is_about_listening(self) -> bool:
        """Does it show before a request is read?"""
        return self in {Kind.REFUSED, Kind.BLACK_HOLE, Kind.WRONG_CERTIFICATE}


async def misbehave(
    kind: Kind, transport: asyncio.Transport, room: asyncio.Event, answer: Callable[[], Answer], elsewhere: str
) -> None:
    """Answers one request wrongly. `room` is set while the transport takes more; `answer` is what would be right."""
    match kind:
        case Kind.GARBAGE | Kind.REDIRECT | Kind.ERROR | Kind.UNAUTHORIZED:
            transport.write(_wrong_answer(kind, elsewhere).on_the_wire())
        case Kind.NOISE:
            transport.write(bytes(range(256)) * 16)
            transport.close()
        case Kind.HALF:
            whole = answer().on_the_wire()
            transport.write(whole[: len(whole) // 2])
            transport.close()
        case Kind.SILENT:
            answer()
            transport.close()
        case Kind.HUGE:
            await _send_endless(transport, room)
        case Kind.TRICKLE:
            await _drip(transport)
        case _:
            await asyncio.Event().wait()


def _wrong_answer(kind: Kind, elsewhere: str) -> Answer:
    if kind is Kind.GARBAGE:
        return Answer(200, b"<html>It works!</html>", {"Content-Type": "text/html"})
    if kind is Kind.REDIRECT:
        return Answer(302, headers={"Location": elsewhere})
    return problem("internal" if kind is Kind.ERROR else "signature_invalid")


async def _drip(transport: asyncio.Transport) -> None:
    transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
    while not transport.is_closing():
        transport.write(b" ")
        await asyncio.sleep(DRIP_SECONDS)


async def _send_endless(transport: asyncio.Transport, room: asyncio.Event) -> None:
    transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n[")
    for _ in range(HUGE_BYTES // MEBIBYTE):
        await room.wait()
        if transport.is_closing():
            return
        transport.write(b" " * MEBIBYTE)
    transport.close()


def kind_of(name: str) -> Kind:
    """The kind of this name. ValueError names those that exist."""
    try:
        return Kind(name)
    except ValueError as error:
        message = f"no kind is called {name}; there are: {', '.join(Kind)}"
        raise ValueError(message) from error
