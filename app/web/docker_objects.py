"""Docker's objects on the wire: the one shape in which they travel from slaves to the master and to scripts."""

from typing import Annotated, Literal

from pydantic import Field

from app.web.quota_rows import Int64
from app.web.wire import In, Instant, Out, Query, QueryText, Uid, no_default

Kind = Literal["container", "image", "layer", "volume", "cache"]
Inspected = Literal["container", "image", "volume"]
ObjectId = Annotated[str, Field(min_length=1, max_length=255, description="Docker's; of a volume its name")]
Reason = Annotated[str, Field(max_length=1000)]
Bytes = Annotated[Int64, Field(description="Allocated blocks on disk, or an estimate by the engine")]


class CandidateOut(Out):
    """A user whose object it may be. `user` is null where the uid had no name."""

    uid: Uid
    user: str | None


class AttributionOut(Out):
    """Whose an object is, and how that is known. `uid` is null where nobody can be named, or where it is nobody's.

    `candidates` are those between whom it could not be decided; of what is certain, whom a label names instead.
    """

    uid: Uid | None
    user: str | None
    method: Literal["override", "proxy", "label", "audit", "layer", "mount", "none"]
    certainty: Literal["certain", "claimed", "probable", "ambiguous", "unknown"]
    candidates: list[CandidateOut]


class DockerObjectOut(Out):
    """What every object has. `created_at` is null where Docker does not say."""

    id: str
    name: str
    created_at: Instant | None
    bytes: Bytes
    measured_at: Instant
    attribution: AttributionOut


class DockerContainerOut(DockerObjectOut):
    """A container: its writable layer with its directory; the logs are part of that."""

    image: str
    state: str
    log_bytes: Bytes


class DockerImageOut(DockerObjectOut):
    """An image. `bytes` are those of its layers, `unshared_bytes` those of layers that no other image has."""

    tags: list[str]
    unshared_bytes: Bytes
    containers: int = Field(description="How many containers are made from it")


class DockerVolumeOut(DockerObjectOut):
    """A volume. An anonymous one was made with its container."""

    anonymous: bool
    containers: int = Field(description="How many containers have it")


class DockerCacheOut(DockerObjectOut):
    """A record of the build cache. What the engine did not tell of it is null; it is asked rarely."""

    last_used_at: Instant | None = None
    in_use: bool | None = Field(default=None, description="Whether a build has it at this moment")
    shared: bool | None = Field(default=None, description="Whether an image has its files too")
    usage_count: int | None = None


class ReviewItemOut(DockerObjectOut):
    """Something that is not certainly somebody's. Layers stand here where no image has them any more."""

    kind: Kind


class DockerShareOut(Out):
    """What one user has of the store. What is only claimed to be theirs counts for nobody."""

    uid: Uid
    user: str | None
    container_bytes: Int64
    image_layer_bytes: Int64
    volume_bytes: Int64
    build_cache_bytes: Int64
    used_bytes: Int64
    claimed_bytes: Int64


class DockerStoreOut(Out):
    """The store as a whole: shares and `unattributed_bytes`, with `overhead_bytes` among these, are `used_bytes`.

    `difference_bytes` is what its filesystem has besides (negative: has not), where that is more than 1 % of what is
    used: files that were deleted and are still open. `state` is `ok`, or why the engine cannot be asked now; figures
    are those of `measured_at` then.
    """

    state: str
    detail: str
    measured_at: Instant
    estimated: bool
    lacks: list[str]
    used_bytes: Int64
    free_bytes: Int64
    total_bytes: Int64
    unattributed_bytes: Int64
    overhead_bytes: Int64
    difference_bytes: Int64 | None
    shares: list[DockerShareOut]


class MountOut(Out):
    """Where something is mounted in a container. Paths of the host are not shown."""

    type: str | None
    name: str | None
    destination: str | None


class DockerInspectOut(Out):
    """What may be shown of an object: never environment, command lines or options. Members go by kind."""

    labels: dict[str, str]
    id: str = Field(default="", json_schema_extra=no_default)
    name: str = Field(default="", json_schema_extra=no_default)
    created_at: str | None = None
    image: str | None = None
    state: str | None = None
    started_at: str | None = None
    exit_code: int | None = None
    auto_remove: bool = Field(default=False, json_schema_extra=no_default)
    restart_policy: str | None = None
    log_driver: str | None = None
    mounts: list[MountOut] = Field(default=[], json_schema_extra=no_default)
    tags: list[str] = Field(default=[], json_schema_extra=no_default)
    architecture: str | None = None
    layers: list[str] = Field(default=[], json_schema_extra=no_default)
    driver: str | None = None


class AttributionIn(In):
    """Whose an object is, by an admin. `by` is who says so, for the record; else it is the key that signs."""

    kind: Kind
    id: ObjectId
    uid: Uid | None = Field(description="null: it is nobody's")
    reason: Reason = Field(default="", json_schema_extra=no_default)
    by: str = Field(default="", max_length=256, json_schema_extra=no_default)


class ObjectQuery(Query):
    """The object that is meant."""

    kind: Kind
    id: QueryText


class WithdrawQuery(ObjectQuery):
    """The object that is meant, and why what was said of it shall no longer hold."""

    reason: QueryText = ""
    by: Annotated[QueryText, Field(max_length=256)] = ""


class InspectQuery(Query):
    """The object that is meant."""

    kind: Inspected
    id: QueryText


class AttributionWordOut(Out):
    """What an admin once said: `uid` null with `set` is nobody's. `before` is what stood until then."""

    at: Instant
    by: str
    action: Literal["set", "withdrawn"]
    uid: Uid | None
    user: str | None
    reason: str
    before: AttributionOut


class AttributedOut(Out):
    """Whose an object is now, and all that admins said about it, in order."""

    kind: Kind
    id: str
    name: str
    attribution: AttributionOut
    history: list[AttributionWordOut]
