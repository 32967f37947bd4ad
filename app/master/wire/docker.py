"""Docker's objects of all hosts, for admins, and of one's own."""

from typing import Annotated, Literal

from pydantic import Field

from app.master.wire.hosts import FetchProblemCode
from app.master.wire.pages import PageOut, PageQuery
from app.web.docker_objects import (
    AttributedOut,
    DockerCacheOut,
    DockerContainerOut,
    DockerImageOut,
    DockerObjectOut,
    DockerStoreOut,
    DockerVolumeOut,
    Kind,
    ObjectId,
    Reason,
    ReviewItemOut,
)
from app.web.quota_rows import Int64
from app.web.wire import In, Instant, Out, Query, QueryText, Uid, no_default

HostId = Annotated[str, Field(min_length=1, max_length=100)]


class DockerProblemOut(Out):
    """Why a host gave no answer when it was last asked for its Docker objects."""

    code: FetchProblemCode
    detail: str


class DockerReadingOut(Out):
    """How old what we know is: `taken_at` null before the first answer. It is renewed while it is looked at."""

    host: str
    taken_at: Instant | None
    age_seconds: int | None
    problem: DockerProblemOut | None


class DockerHostOut(DockerReadingOut):
    """Docker's objects on a host, each list with the largest first; `store` is null before the first answer."""

    store: DockerStoreOut | None
    containers: list[DockerContainerOut]
    images: list[DockerImageOut]
    volumes: list[DockerVolumeOut]
    build_cache: list[DockerCacheOut]


class ClaimOut(Out):
    """Somebody says that an object is theirs: the person, and the account on the host."""

    person: str
    name: str
    username: str
    uid: Uid
    claimed_at: Instant


class HostReviewItemOut(ReviewItemOut):
    """Something on a host that is not certainly somebody's, with who claims it."""

    host: str
    claims: list[ClaimOut]


class DockerReviewOut(PageOut):
    """What is to be decided on all hosts: what is claimed first, then the largest first."""

    items: list[HostReviewItemOut]
    hosts: list[DockerReadingOut]


class DockerReviewQuery(PageQuery):
    """Which part of the queue."""

    host: QueryText | None = None


class HostAttributionIn(In):
    """Whose an object on a host is; `uid` null: nobody's."""

    host: HostId
    kind: Kind
    id: ObjectId
    uid: Uid | None
    reason: Reason = Field(default="", json_schema_extra=no_default)


class HostObjectQuery(Query):
    """The object that is meant, and why what was said of it shall no longer hold."""

    host: QueryText
    kind: Kind
    id: QueryText
    reason: Annotated[QueryText, Field(max_length=1000)] = ""


class ObjectHistoryQuery(Query):
    """The object that is meant."""

    host: QueryText
    kind: Kind
    id: QueryText


class SaidOut(Out):
    """What an admin (`set`, `withdrawn`) or a user (`claimed`) said about an object.

    `set` with `uid` null is: nobody's. `state` is what became of it: of an admin's word the outcome in the audit trail.
    """

    at: Instant
    by: str
    action: Literal["set", "withdrawn", "claimed"]
    uid: Uid | None
    user: str | None
    reason: str
    state: Literal["applied", "refused", "failed", "unknown", "open", "confirmed", "denied", "gone"]
    audit_id: str | None


class ObjectHistoryOut(Out):
    """What was said about an object, the newest first."""

    items: list[SaidOut]


class HostAttributedOut(Out):
    """Whose the object is now, as the host says, with all that admins said about it."""

    audit_id: str
    object: AttributedOut


class ClaimIn(In):
    """The object that somebody says is theirs, by its id, by its name, or by at least 8 characters of its id."""

    host: HostId
    kind: Literal["container", "image", "volume", "cache"]
    id: ObjectId


class MyClaimOut(Out):
    """What I said is mine, and what became of that: the object that was created then, not another of its name.

    `name` is null where the object is gone, or certainly somebody else's. `state` is `gone` where it was removed before
    anybody decided.
    """

    id: str
    host: str
    kind: Kind
    object_id: str
    name: str | None
    object_created_at: Instant | None
    claimed_at: Instant
    state: Literal["open", "confirmed", "denied", "gone"]


class MyObjectOut(DockerObjectOut):
    """An object that counts as mine, or may be (`is_mine` false): I am among the candidates, or it is said to be.

    `state` is a container's; `containers` is how many use an image or a volume; `unshared_bytes` are those of an
    image's layers that no other image has, `is_tagged` says whether it has a name, which others may have given it.
    `in_use` says of a record of the build cache whether a build has it, null where that is not known. Each is null for
    other kinds.
    """

    host: str
    kind: Kind
    is_mine: bool
    state: str | None
    containers: int | None
    unshared_bytes: Int64 | None
    is_tagged: bool | None
    in_use: bool | None = None


class MyReadingOut(DockerReadingOut):
    """A host with Docker on which I have an account. `has_quota`: Docker is among my quotas there."""

    has_quota: bool


class MyDockerOut(PageOut):
    """What my share of Docker's stores consists of, the largest first."""

    items: list[MyObjectOut]
    hosts: list[MyReadingOut]
    claims: list[MyClaimOut]
