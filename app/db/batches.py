"""Much, so many at a time: a statement takes only so many values."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def in_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """All of them in their order, `size` at a time; the last may be fewer. Nothing for nothing."""
    left = iter(items)
    while some := list(islice(left, size)):
        yield some
