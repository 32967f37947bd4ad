"""Docker's objects on hosts as last read, and claims of users."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, false, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.db.tables.docker_hosts import DockerClaimRow, DockerReadingRow
from app.db.tables.fleet import DeviceRow, QuotaRow

OPEN, CONFIRMED, DENIED = "open", "confirmed", "denied"
GONE = "gone"
"""Nobody decided, and the object is not there any more."""


class StoredReading(NamedTuple):
    """A row of `docker_reading`."""

    host_id: str
    asked_at: datetime
    taken_at: datetime | None
    body: str
    problem_code: str | None
    problem_detail: str | None


class StoredClaim(NamedTuple):
    """A row of `docker_claim`."""

    id: str
    host_id: str
    kind: str
    object_id: str
    person_id: str
    person_name: str
    username: str
    uid: int
    claimed_at: datetime
    state: str
    settled_at: datetime | None
    object_created_at: datetime | None

    def is_on(self, created_at: datetime | None) -> bool:
        """Is it on the object of this creation, and not on another of its name? Unknown: it may be."""
        return None in {self.object_created_at, created_at} or self.object_created_at == created_at


class DockerHostRepository:
    """Readings and claims on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hosts(self) -> Sequence[str]:
        """The hosts that have a Docker device, as last read, by id."""
        query = select(DeviceRow.host_id).where(DeviceRow.kind == "docker").distinct().order_by(DeviceRow.host_id)
        return list(self._connection.execute(query).scalars())

    def hosts_with_quota(self, accounts: Mapping[str, Collection[int]]) -> set[str]:
        """Those of these hosts on which one of these uids has a quota of Docker."""
        is_docker = (
            DeviceRow.host_id == QuotaRow.host_id,
            DeviceRow.name == QuotaRow.device,
            DeviceRow.kind == "docker",
        )
        query = select(QuotaRow.host_id, QuotaRow.quota_id).join(DeviceRow, and_(*is_docker)).distinct()
        query = query.where(QuotaRow.quota_type == "user", QuotaRow.host_id.in_(sorted(accounts)))
        query = query.where(QuotaRow.quota_id.in_(sorted({uid for its in accounts.values() for uid in its})))
        return {host_id for host_id, uid in self._connection.execute(query) if uid in accounts[host_id]}

    def readings(self, host_ids: Iterable[str]) -> Mapping[str, StoredReading]:
        """Of these hosts, by id; without those that were never asked."""
        columns = [getattr(DockerReadingRow, name) for name in StoredReading._fields]
        query = select(*columns).where(DockerReadingRow.host_id.in_(sorted(host_ids)))
        return {row[0]: StoredReading(*row) for row in self._connection.execute(query)}

    def readings_with(self, host_ids: Iterable[str], texts: Iterable[str]) -> Mapping[str, StoredReading]:
        """As `readings`, those alone whose body has one of these texts; letters in either case."""
        row = DockerReadingRow
        has_one = or_(false(), *(row.body.contains(each, autoescape=True) for each in texts))
        columns = [getattr(row, name) for name in StoredReading._fields]
        query = select(*columns).where(row.host_id.in_(sorted(host_ids)), has_one)
        return {each[0]: StoredReading(*each) for each in self._connection.execute(query)}

    def put_reading(self, reading: StoredReading) -> None:
        """Keeps it in place of the last."""
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(DockerReadingRow).values(**reading._asdict())
        changed = {name: statement.excluded[name] for name in StoredReading._fields if name != "host_id"}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["host_id"], set_=changed))

    def claims(self, *, person_id: str | None = None) -> Sequence[StoredClaim]:
        """Open ones, the oldest first; or all of a person."""
        row = DockerClaimRow
        return self._claims(row.state == OPEN if person_id is None else row.person_id == person_id)

    def claims_on(self, place: tuple[str, str, str]) -> Sequence[StoredClaim]:
        """All on objects of this host, kind and id, the oldest first."""
        row = DockerClaimRow
        return self._claims(row.host_id == place[0], row.kind == place[1], row.object_id == place[2])

    def undecided_claims(self, host_id: str, since: datetime) -> Sequence[StoredClaim]:
        """Open ones on objects of this host, and those whose object is gone since then, the oldest first."""
        row = DockerClaimRow
        is_gone = and_(row.state == GONE, row.settled_at >= since)
        return self._claims(row.host_id == host_id, or_(row.state == OPEN, is_gone))

    def put_claim_state(self, claim_id: str, state: str, settled_at: datetime | None) -> None:
        """Keeps what became of a claim that no admin decided meanwhile."""
        row = DockerClaimRow
        its = update(row).where(row.id == claim_id, row.state.in_((OPEN, GONE)))
        self._connection.execute(its.values(state=state, settled_at=settled_at))

    def _claims(self, *where: ColumnElement[bool]) -> Sequence[StoredClaim]:
        row = DockerClaimRow
        columns = [getattr(row, name) for name in StoredClaim._fields]
        query = select(*columns).where(*where).order_by(row.claimed_at, row.id)
        return [StoredClaim(*each) for each in self._connection.execute(query)]

    def add_claim(self, claim: StoredClaim) -> None:
        """A new one."""
        self._connection.execute(insert(DockerClaimRow), [claim._asdict()])

    def settle_claims(
        self, place: tuple[str, str, str], created_at: datetime | None, uid: int | None, at: datetime
    ) -> None:
        """An admin said whose the object of this host, kind and id is: claims of that uid are right, others wrong.

        Those on another object that had its name stay open; `created_at` None is any.
        """
        row = DockerClaimRow
        is_it = [row.host_id == place[0], row.kind == place[1], row.object_id == place[2], row.state == OPEN]
        if created_at is not None:
            is_it.append(or_(row.object_created_at.is_(None), row.object_created_at == created_at))
        if uid is not None:
            mine = update(row).where(*is_it, row.uid == uid).values(state=CONFIRMED, settled_at=at)
            self._connection.execute(mine)
        self._connection.execute(update(row).where(*is_it).values(state=DENIED, settled_at=at))
