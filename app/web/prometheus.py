"""Prometheus' text format, from families of metrics."""

from collections.abc import Iterable, Iterator, Mapping

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


def head_line(name: str, documentation: str) -> str:
    """The head of a family of gauges, for pages that are made while they are sent."""
    return f"# HELP {name} {documentation}\n# TYPE {name} gauge\n"


def sample_line(name: str, labels: Mapping[str, str], value: float) -> str:
    """One sample, its labels escaped (prometheus.io, "Exposition formats")."""
    text = ",".join(f'{label}="{_escaped(given)}"' for label, given in labels.items())
    return f"{name}{{{text}}} {value}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
