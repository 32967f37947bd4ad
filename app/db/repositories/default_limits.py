"""Default limits of a slave's devices, and the ids that they were put on."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache

from sqlalchemy import ColumnElement, Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app.db.base import Base
from app.db.batches import in_batches
from app.db.tables.slave import AppliedDefaultsRow, DefaultLimitsRow
from app.quota.defaults import Applied, LimitSet
from app.quota.values import Limits, QuotaType

_AT_ONCE = 500
"""Ids in one statement: a database takes only so many parameters."""


class DefaultLimitsRepository:
    """Defaults on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, device: str, quota_type: QuotaType) -> LimitSet | None:
        """The defaults, None where none were ever set."""
        row = DefaultLimitsRow
        query = select(row.limits).where(row.device == device, row.quota_type == quota_type.value)
        text = self._connection.execute(query).scalar_one_or_none()
        return None if text is None else _limits(text)

    def put(self, device: str, quota_type: QuotaType, limits: LimitSet) -> None:
        """Keeps the defaults."""
        key = {"device": device, "quota_type": quota_type.value}
        self._upsert(DefaultLimitsRow, key, {"limits": _text(limits)})

    def applied(self, device: str, quota_type: QuotaType, quota_id: int | None = None) -> Mapping[int, Applied]:
        """What was put on the ids of the device, or on this one."""
        row = AppliedDefaultsRow
        query = select(row.quota_id, row.wanted, row.stands).where(*_of_device(device, quota_type))
        if quota_id is not None:
            query = query.where(row.quota_id == quota_id)
        rows = self._connection.execute(query)
        return {its: Applied(_limits(wanted), _limits(stands)) for its, wanted, stands in rows}

    def remember(self, device: str, quota_type: QuotaType, quota_id: int, applied: Applied) -> None:
        """Keeps what was put on the id."""
        key = {"device": device, "quota_type": quota_type.value, "quota_id": quota_id}
        self._upsert(AppliedDefaultsRow, key, {"wanted": _text(applied.wanted), "stands": _text(applied.stands)})

    def forget(self, device: str, quota_type: QuotaType, quota_ids: Sequence[int]) -> None:
        """Keeps nothing of these ids."""
        for some in in_batches(quota_ids, _AT_ONCE):
            where = (*_of_device(device, quota_type), AppliedDefaultsRow.quota_id.in_(some))
            self._connection.execute(delete(AppliedDefaultsRow).where(*where))

    def _upsert(self, table: type[Base], key: Mapping[str, object], values: Mapping[str, object]) -> None:
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(table).values(**key, **values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=dict(values)))


def _of_device(device: str, quota_type: QuotaType) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return AppliedDefaultsRow.device == device, AppliedDefaultsRow.quota_type == quota_type.value


def _text(limits: LimitSet) -> str:
    return json.dumps([*limits.block, *limits.inode])


@lru_cache(maxsize=1024)
def _limits(text: str) -> LimitSet:
    block_soft, block_hard, inode_soft, inode_hard = json.loads(text)
    return LimitSet(Limits(block_soft, block_hard), Limits(inode_soft, inode_hard))
