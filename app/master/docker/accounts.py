"""A person's accounts on hosts that have Docker, also where they have no quota."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import orjson

from app.auth.caller import Caller
from app.db.engine import Database
from app.db.repositories.docker_hosts import DockerHostRepository
from app.db.repositories.mappings import MappingRepository
from app.db.repositories.rows import FIRST_PERSONAL_UID, FleetRowRepository
from app.master.docker.objects import Objects, objects_of

Accounts = Mapping[str, Mapping[int, str]]
"""A person's accounts: by host the names by uid."""


@dataclass(frozen=True, slots=True)
class DockerAccounts:
    """Whose somebody is on which host: by their quotas, and by what the hosts' Docker objects say."""

    database: Database
    same_name: bool

    def of(self, caller: Caller) -> Accounts:
        """The caller's accounts. One without any quota is known where an object names it, and nothing else its uid."""
        person = caller.person
        namesake = person.matched_name if self.same_name else None
        found: dict[str, dict[int, str]] = defaultdict(dict)
        with self.database.read() as connection:
            rows, docker = FleetRowRepository(connection, same_name=self.same_name), DockerHostRepository(connection)
            for host_id, name, uid in rows.accounts_of_person(person.id, person.matched_name):
                found[host_id][uid] = name
            names = MappingRepository(connection).names_of_person(person.id, namesake, docker.hosts())
            wanted = {host: its for host, its in names.items() if not set(its) <= set(found[host].values())}
            texts = {orjson.dumps(name).decode() for its in wanted.values() for name in its}
            for host_id, reading in docker.readings_with(wanted, texts).items():
                if (objects := objects_of(reading)) is None:
                    continue
                known = _accounts_in(objects)
                others = rows.names_of_users(host_id, known)
                for uid, name in known.items():
                    is_same = name in names[host_id] and others.get(uid, {name}) == {name}
                    if is_same and (names[host_id][name] or uid >= FIRST_PERSONAL_UID):
                        found[host_id][uid] = name
        return {host_id: its for host_id, its in found.items() if its}


def _accounts_in(objects: Objects) -> Mapping[int, str]:
    """The accounts that objects name. Not a uid that has several names there: it may be somebody else's by now."""
    names: dict[int, set[str]] = defaultdict(set)
    for uid, name in _named(objects):
        names[uid].add(name)
    return {uid: name for uid, (name, *more) in ((uid, sorted(its)) for uid, its in names.items()) if not more}


def _named(objects: Objects) -> Iterator[tuple[int, str]]:
    for share in objects.store.shares:
        if share.user is not None:
            yield share.uid, share.user
    for items in (*objects.by_kind().values(), objects.review_queue):
        for item in items:
            its = item.attribution
            if its.uid is not None and its.user is not None:
                yield its.uid, its.user
            yield from ((each.uid, each.user) for each in its.candidates if each.user is not None)
