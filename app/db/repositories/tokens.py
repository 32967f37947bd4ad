"""API tokens: what `Authorization: Bearer qman_…` stands for."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from app.db.repositories.people import Person
from app.db.tables.people import ApiTokenRow, PersonRow


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as stored: its SHA-256 and what it may do, never itself. `prefix` is what people know it by."""

    id: str
    person_id: str
    secret_hash: str = field(repr=False)
    prefix: str
    name: str
    scopes: str
    """Separated by blanks."""
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListedToken:
    """A token with its person's name."""

    token: ApiToken
    person_name: str


_COLUMNS = ApiTokenRow.__table__.columns
_SORT: dict[str, Any] = {
    "person": PersonRow.name,
    "name": ApiTokenRow.name,
    "created_at": ApiTokenRow.created_at,
    "expires_at": ApiTokenRow.expires_at,
    "last_used_at": ApiTokenRow.last_used_at,
}


class ApiTokenRepository:
    """API tokens on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, token: ApiToken) -> None:
        """A new token."""
        self._connection.execute(insert(ApiTokenRow).values(**asdict(token)))

    def delete(self, token_id: str) -> None:
        """Ends a token, in every process from the next call on."""
        self._connection.execute(delete(ApiTokenRow).where(ApiTokenRow.id == token_id))

    def delete_expired(self, person_id: str, before: datetime) -> None:
        """Forgets a person's tokens that expired before then."""
        mine = (ApiTokenRow.person_id == person_id, ApiTokenRow.expires_at < before)
        self._connection.execute(delete(ApiTokenRow).where(*mine))

    def find(self, token_id: str) -> ApiToken | None:
        """One token, or None."""
        row = self._connection.execute(select(*_COLUMNS).where(ApiTokenRow.id == token_id)).one_or_none()
        return None if row is None else ApiToken(*row)

    def find_valid(self, secret_hash: str, now: datetime) -> tuple[ApiToken, Person] | None:
        """The token with its person; None when it is unknown, revoked or expired."""
        query = (
            select(*_COLUMNS, *PersonRow.__table__.columns)
            .join(PersonRow, PersonRow.id == ApiTokenRow.person_id)
            .where(ApiTokenRow.secret_hash == secret_hash, ApiTokenRow.expires_at > now)
        )
        row = self._connection.execute(query).one_or_none()
        return None if row is None else (ApiToken(*row[: len(_COLUMNS)]), Person(*row[len(_COLUMNS) :]))

    def note_use(self, token_id: str, now: datetime, unless_since: datetime) -> None:
        """It was used now; nothing is written where it was noted since then."""
        stale = or_(ApiTokenRow.last_used_at.is_(None), ApiTokenRow.last_used_at <= unless_since)
        where = (ApiTokenRow.id == token_id, stale)
        self._connection.execute(update(ApiTokenRow).where(*where).values(last_used_at=now))

    def of_person(self, person_id: str) -> list[ApiToken]:
        """A person's tokens, the newest first; those that expired too."""
        query = select(*_COLUMNS).where(ApiTokenRow.person_id == person_id)
        newest_first = query.order_by(ApiTokenRow.created_at.desc(), ApiTokenRow.id)
        return [ApiToken(*row) for row in self._connection.execute(newest_first)]

    def page(
        self, person_id: str | None, words: str | None, order: Sequence[tuple[str, bool]], *, limit: int, offset: int
    ) -> tuple[list[ListedToken], int]:
        """Tokens in the given order (the newest first where none is given), and how many there are in all."""
        conditions = [] if person_id is None else [ApiTokenRow.person_id == person_id]
        if words:
            columns = (ApiTokenRow.name, ApiTokenRow.prefix, PersonRow.name)
            conditions.append(or_(*(column.icontains(words, autoescape=True) for column in columns)))
        order = order or [("created_at", True)]
        clauses = [(_SORT[name].desc() if down else _SORT[name].asc()).nulls_last() for name, down in order]
        joined = select(*_COLUMNS, PersonRow.name).join(PersonRow, PersonRow.id == ApiTokenRow.person_id)
        query = joined.where(*conditions).order_by(*clauses, ApiTokenRow.id)
        rows = self._connection.execute(query.limit(limit).offset(offset))
        total = select(func.count()).select_from(joined.where(*conditions).subquery())
        return [ListedToken(ApiToken(*row[:-1]), row[-1]) for row in rows], self._connection.execute(total).scalar_one()
