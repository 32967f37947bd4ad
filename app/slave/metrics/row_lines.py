"""Quota rows as lines of Prometheus' text format.

Written here and not by prometheus-client, which takes twenty times as long: 1.5 s for 20,000 rows, in which no other
thread of the process gets on.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from app.quota.status import QuotaStatus
from app.quota.units import KIB
from app.quota.values import QuotaType
from app.web.quota_rows import ID_FIELD


class _Family(NamedTuple):
    """One figure of a row: its member on the wire, in units of `factor`; `when_zero`: 0 is a figure, not "none"."""

    name: str
    documentation: str
    member: str
    factor: int = 1
    when_zero: bool = False


_BLOCKS: Final = (
    _Family("qman_quota_used_bytes", "Space in use.", "block_current", when_zero=True),
    _Family("qman_quota_soft_limit_bytes", "Soft limit of space; absent where there is none.", "block_soft_limit", KIB),
    _Family("qman_quota_hard_limit_bytes", "Hard limit of space; absent where there is none.", "block_hard_limit", KIB),
    _Family(
        "qman_quota_block_grace_expires_timestamp_seconds",
        "When the grace period of space ends; absent while none runs.",
        "block_time_limit",
    ),
)
_INODES: Final = (
    _Family(
        "qman_quota_used_inodes",
        "Files in use; absent where the device does not limit them.",
        "inode_current",
        when_zero=True,
    ),
    _Family("qman_quota_soft_limit_inodes", "Soft limit of files; absent where there is none.", "inode_soft_limit"),
    _Family("qman_quota_hard_limit_inodes", "Hard limit of files; absent where there is none.", "inode_hard_limit"),
    _Family(
        "qman_quota_inode_grace_expires_timestamp_seconds",
        "When the grace period of files ends; absent while none runs.",
        "inode_time_limit",
    ),
)
_STATUS: Final = _Family(
    "qman_quota_status",
    "0 ok, 1 above the soft limit, 2 grace period over, 3 at the hard limit.",
    "status",
    when_zero=True,
)
_RANKS: Final[Mapping[str, int]] = {status.value: rank for rank, status in enumerate(QuotaStatus)}
_ESCAPED = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
"""prometheus.io/docs/instrumenting/exposition_formats, "Comments, help text, and type information"."""


def escaped(text: str) -> str:
    """The text as it may stand between the quotes of a label."""
    return text.translate(_ESCAPED)


class RowLines:
    """Collects the lines of many rows by family, since the lines of a family must stand together."""

    def __init__(self) -> None:
        self._blocks: dict[_Family, list[bytes]] = {family: [] for family in (*_BLOCKS, *_INODES, _STATUS)}

    def add(self, device: str, quota_type: QuotaType, rows: Sequence[Mapping[str, Any]], *, counts_files: bool) -> None:
        """The lines of these rows, as they stand on the wire. Without `counts_files` there are no figures of files."""
        head, id_field = f'{{device="{escaped(device)}",quota_type="{quota_type.value}",id="', ID_FIELD[quota_type]
        labels = [f'{head}{row[id_field]}",name="{escaped(row["name"])}"}}' for row in rows]
        for family in (*_BLOCKS, *(_INODES if counts_files else ())):
            name, _, member, factor, when_zero = family
            self._keep(
                family,
                [
                    f"{name}{label} {value * factor}\n"
                    for label, row in zip(labels, rows, strict=True)
                    if (value := row[member]) or when_zero
                ],
            )
        ranks = [_RANKS[row[_STATUS.member]] for row in rows]
        self._keep(_STATUS, [f"{_STATUS.name}{label} {rank}\n" for label, rank in zip(labels, ranks, strict=True)])

    def pieces(self) -> Iterator[bytes]:
        """Everything added, family by family, each with its head."""
        for family, blocks in self._blocks.items():
            yield f"# HELP {family.name} {family.documentation}\n# TYPE {family.name} gauge\n".encode()
            yield from blocks

    def _keep(self, family: _Family, lines: Sequence[str]) -> None:
        if lines:
            self._blocks[family].append("".join(lines).encode())
