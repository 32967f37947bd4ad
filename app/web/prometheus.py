"""Prometheus' text format, from families of metrics."""

from collections.abc import Iterable, Iterator

from prometheus_client import Metric, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def families_text(families: Iterable[Metric]) -> bytes:
    """The families, each with its head, in their order."""
    return generate_latest(_These(list(families)))


class _These(Collector):
    """Families that are there already."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        """See `Collector`."""
        return iter(self._families)
