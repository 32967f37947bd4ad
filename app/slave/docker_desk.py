"""What `qman docker` does on a host: it reads the slave's database, and says there what an admin says."""

import getpass
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from app.docker_quota.enforcement.values import Case, Step
from app.docker_quota.ledger import Ledger
from app.quota.errors import FieldFault, InvalidInputError, NotFoundError
from app.slave.docker_objects import DockerObjects
from app.slave.uids import UidBook
from app.web.docker_objects import AttributionIn

_SHORTEST = 4
"""So many characters of an id name an object, where they are those of one only."""
Shown = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DockerDesk:
    """The Docker device of this host, by the slave's database: the slave may run or not."""

    objects: DockerObjects
    ledger: Ledger
    uids: UidBook
    hard_limits: Callable[[], Mapping[int, int | None]]
    plan: Callable[[], Sequence[tuple[Case, Sequence[Step]]] | str]
    """What a round would do now, by user, or why it would do nothing."""

    def store(self) -> Shown:
        """The store with the shares of users, each with the hard limit in bytes, None for none."""
        found, hard = self.objects.store(), self.hard_limits()
        return {**found, "shares": [{**each, "limit_bytes": hard.get(each["uid"])} for each in found["shares"]]}

    def things(self, user: str | None, kind: str | None) -> Sequence[Shown]:
        """Objects with their kind, the largest first: of all, or of one user and kind."""
        uid = None if user is None else self.uid_of(user)
        found: list[Shown] = []
        for each, listed in self._lists():
            if kind in {None, each}:
                its = [thing for thing in listed() if user is None or thing["attribution"]["uid"] == uid]
                found += [{"kind": each, **thing} for thing in its]
        return sorted(found, key=lambda thing: (-thing["bytes"], thing["kind"], thing["id"]))

    def review(self) -> Sequence[Shown]:
        """What is not certainly somebody's, the largest first."""
        return self.objects.review_queue()

    def attribute(self, kind: str, name: str, user: str | None, reason: str) -> Shown:
        """Keeps whose an object is, nobody's for None: counted at once, and with the next look in all that follows.

        NotFoundError, InvalidInputError.
        """
        uid = None if user is None else self.uid_of(user)
        try:
            said = AttributionIn.model_validate(
                {"kind": kind, "id": self._id_of(kind, name), "uid": uid, "reason": reason, "by": _caller()}
            )
        except ValidationError as error:
            fault = error.errors()[0]
            where = ".".join(map(str, fault["loc"]))
            raise InvalidInputError(
                "That cannot be kept.", fields=[FieldFault(where, str(fault["input"])[:80], fault["msg"])]
            ) from error
        return self.objects.attribute(said, _caller())

    def uid_of(self, user: str) -> int:
        """Of a name, or of a number. NotFoundError: nobody has that name."""
        if user.isascii() and user.removeprefix("#").isdigit():
            return int(user.removeprefix("#"))
        uid = self.uids.uids_of([user]).get(user)
        if uid is None:
            fault = FieldFault("user", user[:80], "the name of a user of this host, or a uid")
            raise NotFoundError("There is no such user.", fields=[fault])
        return uid

    def _lists(self) -> Sequence[tuple[str, Callable[[], Sequence[Shown]]]]:
        its = self.objects
        lists = (its.containers, its.images, its.volumes, its.build_cache)
        return list(zip(("container", "image", "volume", "cache"), lists, strict=True))

    def _id_of(self, kind: str, name: str) -> str:
        """The id of the object of this id, of this name, or whose id begins so."""
        there = [entry for entry in self.ledger.entries().values() if entry.kind == kind]
        for found in (
            [each.id for each in there if each.id == name],
            [each.id for each in there if each.name == name],
            [each.id for each in there if len(name) >= _SHORTEST and _begins(each.id, name)],
        ):
            if len(found) == 1:
                return found[0]
            if found:
                fault = FieldFault("id", name[:80], f"one {kind} alone: {len(found)} are called so")
                raise InvalidInputError(f"That is the name of several {kind}s.", fields=[fault])
        fault = FieldFault("id", name[:80], f"the id or name of a {kind} that is there")
        raise NotFoundError(f"There is no such {kind}.", fields=[fault])


def _begins(object_id: str, name: str) -> bool:
    return object_id.startswith(name) or object_id.removeprefix("sha256:").startswith(name)


def _caller() -> str:
    """Who says so: who logged in, where sudo tells, on this host."""
    return f"{os.environ.get('SUDO_USER') or getpass.getuser()}@{socket.gethostname()}"[:256]
