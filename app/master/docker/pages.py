"""Docker's objects for people: one host's, what is to be decided, and what is mine. From what was last read."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from app.auth.caller import Caller
from app.db.engine import Database
from app.db.repositories.docker_hosts import DockerHostRepository, StoredClaim, StoredReading
from app.master.docker.accounts import DockerAccounts
from app.master.docker.objects import Objects, objects_of
from app.master.docker.reading import DockerReadings
from app.master.errors import HostNotFoundError
from app.master.fleet import Fleet
from app.master.freshness import age_seconds
from app.master.wire.docker import (
    ClaimOut,
    DockerHostOut,
    DockerProblemOut,
    DockerReadingOut,
    DockerReviewOut,
    DockerReviewQuery,
    HostReviewItemOut,
    MyClaimOut,
    MyDockerOut,
    MyObjectOut,
    MyReadingOut,
)
from app.master.wire.pages import PageQuery
from app.quota.clock import Clock
from app.web.docker_objects import DockerImageOut, DockerObjectOut, ReviewItemOut

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DockerPages:
    """No page waits for a host: it has what is old read aside, for the next look."""

    database: Database
    fleet: Fleet
    readings: DockerReadings
    clock: Clock
    accounts: DockerAccounts

    def host(self, host_id: str) -> DockerHostOut:
        """One host. HostNotFoundError: there is none of this id with Docker."""
        hosts, stored = self._stored(host_id)
        if not hosts:
            raise HostNotFoundError("There is no host of this id that has Docker.")
        objects = objects_of(stored.get(host_id))
        return DockerHostOut(
            **dict(self._reading(host_id, stored)),
            store=objects.store if objects else None,
            containers=objects.containers if objects else [],
            images=objects.images if objects else [],
            volumes=objects.volumes if objects else [],
            build_cache=objects.build_cache if objects else [],
        )

    def review(self, query: DockerReviewQuery) -> DockerReviewOut:
        """What is not certainly somebody's, on all hosts that have Docker or on one."""
        hosts, stored = self._stored(query.host)
        claims = self._claims()
        items = [
            HostReviewItemOut(**dict(item), host=host_id, claims=_on(item, claims[host_id, item.kind, item.id]))
            for host_id in hosts
            if (objects := objects_of(stored.get(host_id))) is not None
            for item in objects.review_queue
        ]
        items.sort(key=lambda item: (not item.claims, -item.bytes, item.host, item.id))
        return DockerReviewOut(
            items=_page(items, query),
            total=len(items),
            page=query.page,
            page_size=query.page_size,
            hosts=[self._reading(host_id, stored) for host_id in hosts],
        )

    def mine(self, caller: Caller, query: PageQuery) -> MyDockerOut:
        """What counts as the caller's on their hosts, what may be theirs, and what they claimed."""
        accounts = self.accounts.of(caller)
        with self.database.read() as connection:
            rows = DockerHostRepository(connection)
            hosts = [each for each in rows.hosts() if each in accounts and each in self.fleet.entries]
            stored, claims = rows.readings(hosts), rows.claims(person_id=caller.person.id)
            limited = rows.hosts_with_quota({host_id: accounts[host_id] for host_id in hosts})
        self.readings.renew(stored, hosts)
        found = {host_id: each for host_id in hosts if (each := objects_of(stored.get(host_id))) is not None}
        items = [item for host_id, each in found.items() for item in _mine(host_id, each, accounts[host_id])]
        names = {
            (host_id, kind, item.id): item.name
            for host_id, each in found.items()
            for kind, of_kind in each.by_kind().items()
            for item in of_kind
            if item.attribution.uid in accounts[host_id] or may_be_of(item, accounts[host_id])
        }
        items.sort(key=lambda item: (not item.is_mine, -item.bytes, item.host, item.id))
        return MyDockerOut(
            items=_page(items, query),
            total=len(items),
            page=query.page,
            page_size=query.page_size,
            hosts=[
                MyReadingOut(**dict(self._reading(host_id, stored)), has_quota=host_id in limited) for host_id in hosts
            ],
            claims=[my_claim(each, names.get((each.host_id, each.kind, each.object_id))) for each in claims],
        )

    def _stored(self, host_id: str | None) -> tuple[Sequence[str], Mapping[str, StoredReading]]:
        with self.database.read() as connection:
            rows = DockerHostRepository(connection)
            hosts = [each for each in rows.hosts() if host_id in {None, each} and each in self.fleet.entries]
            stored = rows.readings(hosts)
        self.readings.renew(stored, hosts)
        return hosts, stored

    def _claims(self) -> Mapping[tuple[str, str, str], list[StoredClaim]]:
        with self.database.read() as connection:
            stored = DockerHostRepository(connection).claims()
        found: dict[tuple[str, str, str], list[StoredClaim]] = defaultdict(list)
        for each in stored:
            found[each.host_id, each.kind, each.object_id].append(each)
        return found

    def _reading(self, host_id: str, stored: Mapping[str, StoredReading]) -> DockerReadingOut:
        its = stored.get(host_id)
        code = its.problem_code if its else None
        problem = {"code": code, "detail": its.problem_detail or ""} if its and code else None
        return DockerReadingOut(
            host=host_id,
            taken_at=its.taken_at if its else None,
            age_seconds=age_seconds(its.taken_at if its else None, self.clock()),
            problem=None if problem is None else DockerProblemOut.model_validate(problem),
        )


def _on(item: ReviewItemOut, claims: Sequence[StoredClaim]) -> list[ClaimOut]:
    """Those that are on this very object."""
    return [
        ClaimOut(
            person=each.person_id,
            name=each.person_name,
            username=each.username,
            uid=each.uid,
            claimed_at=each.claimed_at,
        )
        for each in claims
        if each.is_on(item.created_at)
    ]


def my_claim(each: StoredClaim, name: str | None) -> MyClaimOut:
    """A claim as its person sees it."""
    return MyClaimOut.model_validate(
        {
            "id": each.id,
            "host": each.host_id,
            "kind": each.kind,
            "object_id": each.object_id,
            "name": name,
            "object_created_at": each.object_created_at,
            "claimed_at": each.claimed_at,
            "state": each.state,
        }
    )


def may_be_of(item: DockerObjectOut, uids: Mapping[int, str]) -> bool:
    """May somebody with these uids claim it? Not what counts, certainly or by all that is known, for somebody else.

    What speaks for several may be claimed by these only.
    """
    its = item.attribution
    if its.certainty == "certain" or not (its.uid is None or its.uid in uids):
        return False
    return not its.candidates or any(each.uid in uids for each in its.candidates)


def _mine(host_id: str, objects: Objects, uids: Mapping[int, str]) -> Iterator[MyObjectOut]:
    for kind, items in objects.by_kind().items():
        for item in items:
            its = item.attribution
            is_candidate = its.certainty != "certain" and any(each.uid in uids for each in its.candidates)
            if its.uid in uids or is_candidate:
                common = {name: getattr(item, name) for name in DockerObjectOut.model_fields}
                # who else may have made it is nobody's business but an admin's
                known = its.model_copy(update={"candidates": [each for each in its.candidates if each.uid in uids]})
                if its.uid is not None and its.uid not in uids:
                    known = known.model_copy(update={"uid": None, "user": None})
                is_mine = its.uid in uids and its.certainty != "ambiguous"
                use = {name: getattr(item, name, None) for name in ("state", "containers", "unshared_bytes", "in_use")}
                use["is_tagged"] = bool(item.tags) if isinstance(item, DockerImageOut) else None
                values = common | use | {"attribution": known, "host": host_id, "kind": kind, "is_mine": is_mine}
                yield MyObjectOut.model_validate(values)


def _page(items: Sequence[T], query: PageQuery) -> list[T]:
    start = (query.page - 1) * query.page_size
    return list(items[start : start + query.page_size])
