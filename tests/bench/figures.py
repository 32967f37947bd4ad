"""What a bench tells: a row per figure, beside something that was measured in the same run."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

COLUMNS = ("id", "figure", "value", "unit", "beside", "ratio", "target", "ok")


@dataclass(frozen=True)
class Figure:
    """One row. `beside` is in the same unit; `ratio` is value / beside; `target` is in words."""

    id: str
    figure: str
    value: float
    unit: str
    beside: float | None
    ratio: float | None
    target: str
    ok: bool


def figure(
    figure_id: str,
    text: str,
    value: float,
    unit: str,
    *,
    at_most: float | None = None,
    beside: float | None = None,
    ratio_at_most: float | None = None,
) -> Figure:
    """A row with its bounds: of the value, of its ratio to what is beside it, or of both; or of neither."""
    ratio = None if beside is None else round(value / beside, 3) if beside else float("inf")
    bounds = [
        *([] if at_most is None else [f"≤ {at_most:g} {unit}"]),
        *([] if ratio_at_most is None else [f"≤ {ratio_at_most:g} ×"]),
    ]
    ok = (at_most is None or value <= at_most) and (
        ratio_at_most is None or (ratio is not None and ratio <= ratio_at_most)
    )
    rounded = None if beside is None else round(beside, 3)
    return Figure(figure_id, text, round(value, 3), unit, rounded, ratio, " and ".join(bounds) or "-", ok)


def missed(figures: Iterable[Figure]) -> list[Figure]:
    """Those that do not reach their targets."""
    return [each for each in figures if not each.ok]


def print_table(figures: Sequence[Figure]) -> None:
    """The rows for people."""
    rows = [COLUMNS, *(tuple(_cell(value) for value in asdict(each).values()) for each in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def write_json(figures: Iterable[Figure], file: Path) -> None:
    """The rows for machines."""
    file.write_text(
        json.dumps([asdict(each) for each in figures], indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so many of them (0.95: 95 %) do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median_of(runs: int, measure: Callable[[], float]) -> float:
    """The middle one of several runs, so that one disturbed run does not count."""
    return sorted(measure() for _ in range(runs))[runs // 2]


def seconds_of(work: Callable[[], object]) -> float:
    """How long it took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
