"""The quota file that Open OnDemand shows warnings from.

The shape is version 1 of "Disk Quota Warnings on Dashboard" of its manual
(osc.github.io/ood-documentation, customizations), and what `Quota.find` of its dashboard reads
(github.com/OSC/ondemand, apps/dashboard/app/models/quota.rb): blocks are 1 KiB, a limit of 0 is none, and a quota may
carry a timestamp of its own. Where a quota has a soft and a hard limit, the hard one counts, as for `percent`.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from app.master.wire.rows import RowOut

_KIB = 1024


def ood_pieces(pages: Iterator[list[RowOut]], now: datetime, *, one_host: bool) -> Iterator[bytes]:
    """The file, from rows of users. Paths are mount points; of several hosts `HOST:PATH`, as NFS writes it."""
    yield b'{"version":1,"timestamp":%d,"quotas":[' % int(now.timestamp())
    separator = b""
    for page in pages:
        yield separator + b",".join(orjson.dumps(_quota(row, one_host=one_host)) for row in page)
        separator = b","
    yield b"]}"


def _quota(row: RowOut, *, one_host: bool) -> dict[str, Any]:
    path = row.mount_points[0] if row.mount_points else row.device
    used_blocks = -(-row.block_current // _KIB)
    return {
        "type": "user",
        "user": row.name,
        "path": path if one_host else f"{row.host}:{path}",
        "timestamp": int(row.taken_at.timestamp()),
        "block_usage": used_blocks,
        "total_block_usage": used_blocks,
        "block_limit": row.block_hard_limit or row.block_soft_limit,
        "file_usage": row.inode_current,
        "total_file_usage": row.inode_current,
        "file_limit": row.inode_hard_limit or row.inode_soft_limit,
    }
