"""What other programs read."""

from typing import Literal

from pydantic import Field

from app.master.wire.changes import AuditOut
from app.master.wire.rows import RowOut
from app.web.wire import Out, Query, QueryText


class RowFileOut(Out):
    """All rows that the filters let through."""

    items: list[RowOut]
    total: int


class AuditFileOut(Out):
    """All changes that the filters let through, the newest first."""

    items: list[AuditOut]
    total: int


class OodQuery(Query):
    """Whose quotas: of which host, which device of it."""

    host: QueryText | None = None
    device: QueryText | None = None


class OodQuotaOut(Out):
    """A quota of a user, in blocks of 1 KiB; a limit of 0 is none."""

    type: Literal["user"]
    user: str
    path: str = Field(description="The mount point; HOST:PATH where the file is of several hosts")
    timestamp: int = Field(description="Unix seconds of the reading")
    block_usage: int
    total_block_usage: int
    block_limit: int
    file_usage: int
    total_file_usage: int
    file_limit: int


class OodQuotaFileOut(Out):
    """The file that Open OnDemand reads, version 1."""

    version: Literal[1]
    timestamp: int = Field(description="Unix seconds of now")
    quotas: list[OodQuotaOut]


class FleetMetricsQuery(Query):
    """Of which host, and whether every quota is told too."""

    host: QueryText | None = None
    quotas: bool = False
