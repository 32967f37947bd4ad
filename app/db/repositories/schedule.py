"""Which host is to be read when, by whom, and how its readings went.

A host belongs to whoever claimed it, for a while: a claim is a token, and only one can stand. It is taken by whoever
plans the readings and exchanged by whoever reads, so that a second one who comes with the same claim has none.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select, update

from app.db.batches import in_batches
from app.db.tables.fleet import HostRow

CLAIM_DURATION = timedelta(seconds=20)
"""A reading's deadline of 10 s, and as much to wait for a thread and for the database."""

_CHUNK = 500
"""Parameters of one statement; SQLite takes 32,766, older ones 999 (sqlite.org/limits.html)."""


class Claim(NamedTuple):
    """The right to read a host, given to one reader."""

    host_id: str
    token: str


@dataclass(frozen=True, slots=True)
class HeldHost:
    """What storing a reading needs to know of its host; `fullest` as in `Contents`."""

    id: str
    taken_at: datetime | None
    changed_at: datetime | None
    next_due_at: datetime | None
    failures: int
    fullest: float


@dataclass(frozen=True, slots=True)
class Success:
    """A reading came in."""

    host_id: str
    begun_at: datetime
    next_due_at: datetime
    etag: str | None
    version: str | None


@dataclass(frozen=True, slots=True)
class Contents:
    """What a reading brought: how many devices, and percent of the fullest quota; `changed`: others than before."""

    host_id: str
    devices: int
    fullest: float
    changed: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """A reading failed, for the n-th time in a row."""

    host_id: str
    begun_at: datetime
    next_due_at: datetime
    failures: int
    code: str
    detail: str


class ScheduleRepository:
    """The schedule on one connection. Whoever writes several hosts does so in the order of their ids."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(self, now: datetime, horizon: timedelta) -> list[str]:
        """Hosts that are due and nobody's, those that failed last at the end.

        An instant more than `horizon` ahead is none that was ever given: the clock was set back since.
        """
        query = select(HostRow.id).where(_due(now, horizon), _free(now))
        first = (HostRow.failures > 0, func.coalesce(HostRow.next_due_at, HostRow.attempted_at), HostRow.id)
        return [row[0] for row in self._connection.execute(query.order_by(*first))]

    def claim(
        self, host_ids: Collection[str], token: str, now: datetime, horizon: timedelta | None = None
    ) -> list[Claim]:
        """Claims those of the hosts that are nobody's and, where a horizon is given, due."""
        wanted = _free(now) if horizon is None else and_(_due(now, horizon), _free(now))
        return [Claim(host_id, token) for host_id in self._take(host_ids, token, now, wanted)]

    def begin(self, claims: Iterable[Claim], token: str, now: datetime) -> dict[str, str | None]:
        """Exchanges claims that still stand for `token`, for as long again; gives the ETag by host."""
        by_token: dict[str, list[str]] = {}
        for claim in claims:
            by_token.setdefault(claim.token, []).append(claim.host_id)
        begun: list[str] = []
        for old, host_ids in by_token.items():
            stands = and_(HostRow.claim == old, HostRow.claimed_until > now)
            begun += self._take(host_ids, token, now, stands)
        etags: dict[str, str | None] = {}
        for some in in_batches(begun, _CHUNK):
            rows = self._connection.execute(select(HostRow.id, HostRow.etag).where(HostRow.id.in_(some)))
            etags.update((row[0], row[1]) for row in rows)
        return etags

    def held(self, claims: Iterable[Claim]) -> dict[str, HeldHost]:
        """Of these hosts, those whose claim still stands; nobody else writes them until the transaction ends."""
        tokens = dict(claims)
        found: dict[str, HeldHost] = {}
        columns = [HostRow.__table__.columns[field.name] for field in fields(HeldHost)]
        for some in in_batches(sorted(tokens), _CHUNK):
            query = select(*columns, HostRow.claim).where(HostRow.id.in_(some)).order_by(HostRow.id)
            rows = self._connection.execute(query.with_for_update())
            found.update((row[0], HeldHost(*row[:-1])) for row in rows if row[-1] == tokens[row[0]])
        return found

    def record_successes(self, successes: Iterable[Success]) -> None:
        """Readings came in; the claims end."""
        self._many(
            _SUCCESS,
            [
                {"b_id": each.host_id, "b_at": each.begun_at, "b_due": each.next_due_at}
                | {"b_etag": each.etag, "b_version": each.version}
                for each in successes
            ],
        )

    def record_contents(self, contents: Iterable[Contents]) -> None:
        """What whole readings brought; the revision counts those that changed something."""
        self._many(
            _CONTENTS,
            [
                {"b_id": each.host_id, "b_devices": each.devices}
                | {"b_fullest": each.fullest, "b_changed": int(each.changed)}
                for each in contents
            ],
        )

    def record_failures(self, failures: Iterable[Failure]) -> None:
        """Readings failed; `failing_since` stays at the first failure in a row. The claims end."""
        self._many(
            _FAILURE,
            [
                {"b_id": each.host_id, "b_at": each.begun_at, "b_due": each.next_due_at, "b_failures": each.failures}
                | {"b_code": each.code, "b_detail": each.detail[:500]}
                for each in failures
            ],
        )

    def give_back(self, claims: Iterable[Claim]) -> None:
        """Ends claims that still stand without a reading: the hosts are due at once."""
        self._many(_GIVEN_BACK, [{"b_id": host_id, "b_claim": token} for host_id, token in claims])

    def _take(self, host_ids: Collection[str], token: str, now: datetime, where: ColumnElement[bool]) -> list[str]:
        """Rows that somebody else is about to take are passed over, so that no two wait for each other."""
        taken: list[str] = []
        for some in in_batches(sorted(host_ids), _CHUNK):
            free = select(HostRow.id).where(HostRow.id.in_(some), where).order_by(HostRow.id)
            mine = HostRow.id.in_(free.with_for_update(skip_locked=True))
            change = (
                update(HostRow)
                .where(mine)
                .values(claim=token, claimed_until=now + CLAIM_DURATION)
                .returning(HostRow.id)
            )
            taken += [row[0] for row in self._connection.execute(change)]
        return taken

    def _many(self, statement: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(statement, sorted(rows, key=lambda row: str(row["b_id"])))


def _due(now: datetime, horizon: timedelta) -> ColumnElement[bool]:
    at, asked = HostRow.next_due_at, HostRow.refresh_requested_at
    wanted = and_(asked <= now, or_(HostRow.attempted_at.is_(None), HostRow.attempted_at < asked))
    return or_(at.is_(None), at <= now, at > now + horizon, wanted)


def _free(now: datetime) -> ColumnElement[bool]:
    until = HostRow.claimed_until
    return or_(HostRow.claim.is_(None), until <= now, until > now + CLAIM_DURATION)


_ENDED = {"claim": None, "claimed_until": None}
_ONE = update(HostRow).where(HostRow.id == bindparam("b_id"))
_SUCCESS = _ONE.values(
    taken_at=bindparam("b_at"),
    attempted_at=bindparam("b_at"),
    next_due_at=bindparam("b_due"),
    etag=bindparam("b_etag"),
    version=bindparam("b_version"),
    failures=0,
    failing_since=None,
    problem_code=None,
    problem_detail=None,
    **_ENDED,
)
_CONTENTS = _ONE.values(
    devices=bindparam("b_devices"),
    fullest=bindparam("b_fullest"),
    revision=HostRow.revision + bindparam("b_changed"),
)
_FAILURE = _ONE.values(
    attempted_at=bindparam("b_at"),
    next_due_at=bindparam("b_due"),
    failures=bindparam("b_failures"),
    failing_since=func.coalesce(HostRow.failing_since, bindparam("b_at")),
    problem_code=bindparam("b_code"),
    problem_detail=bindparam("b_detail"),
    **_ENDED,
)
_GIVEN_BACK = _ONE.where(HostRow.claim == bindparam("b_claim")).values(**_ENDED)
