"""Makes the next state of the ledger: what was known, listed and measured in, entries out. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from app.docker_quota.accounting import BroughtImage, owners_of_layers
from app.docker_quota.entries import Entry, Key
from app.docker_quota.objects import CacheRecord, Container, Image, Listing, ObjectKind, Volume
from app.docker_quota.store import Measured
from app.docker_quota.values import UNKNOWN, Attribution, Candidate, Method


class Subject(NamedTuple):
    """What is to be attributed. `image_labels` were said by who made the image, of which a container has copies.

    `source` is whose the object is that used this one first, None where there is none. `came` is of images. `claimed`
    is whom the label was found to name before. `made_ns` is when a record of the build cache was made, 0 where that is
    not known: what is said of a record holds for its id, whether or not the engine ever told when it was made.
    """

    kind: ObjectKind
    id: str
    created_ns: int
    labels: Mapping[str, str]
    image_labels: Mapping[str, str]
    source: Attribution | None = None
    came: "Came | None" = None
    claimed: Candidate | None = None
    made_ns: int = 0


class Came(NamedTuple):
    """Between which looks an image came here: the last that lacked it began at `after`, the first had it by `by`.

    `after` is None for what is older than the ledger.
    """

    after: datetime | None
    by: datetime


class Looks(NamedTuple):
    """When this look began and had listed everything, and when the last good one before it began, if any did."""

    last_began_at: datetime | None
    began_at: datetime
    listed_at: datetime


class Judged(NamedTuple):
    """Whose an object is, and whom its label was found to name, now or before: None where it names nobody."""

    attribution: Attribution
    claimed: Candidate | None = None


Attribute = Callable[[Subject], Judged]


@dataclass(frozen=True, slots=True)
class Joined:
    """The objects that are there now, and the bytes of what belongs to none of them."""

    entries: Mapping[Key, Entry]
    overhead: int


class Join:
    """One full listing with one measurement, on what the ledger knew before.

    What was listed and is measured no more takes no bytes; what is measured and was not listed (made in between)
    counts as overhead until it is listed.
    """

    def __init__(
        self,
        known: Mapping[Key, Entry],
        listing: Listing,
        measured: Measured,
        attribute: Attribute,
        looks: Looks,
    ) -> None:
        """`known` has what is gone too. All that the first look ever finds is older than the ledger."""
        self._known = known
        self._listing = listing
        self._measured = measured
        self._attribute = attribute
        self._looks = looks
        self._now = looks.began_at if looks.last_began_at else None
        self._image_labels = {image.id: image.labels for image in listing.images}

    def result(self) -> Joined:
        """The next state."""
        containers = {container.id: self._container(container) for container in self._listing.containers}
        images = list(self._images())
        entries = [*containers.values(), *images]
        entries += [self._volume(volume, containers) for volume in self._listing.volumes]
        entries += self._layers(images)
        entries += [self._cache(record, size) for record, size in self._measured.cache.items()]
        by_key = {entry.key: entry for entry in entries}
        return Joined(by_key, self._measured.used - sum(entry.bytes for entry in entries))

    def _container(self, listed: Container) -> Entry:
        size, detail = self._measured.containers.get(listed.id), self._listing.details.get(listed.id)
        before = self._before((ObjectKind.CONTAINER, listed.id))
        created_ns = detail.created_ns if detail else before.created_ns if before else listed.created_at * 10**9
        auto_remove = detail.auto_remove if detail else bool(before and before.facts.get("auto_remove"))
        facts: dict[str, Any] = {
            "image": listed.image,
            "image_id": listed.image_id,
            "state": listed.state,
            "auto_remove": auto_remove,
            "volumes": sorted({mount.volume for mount in listed.mounts}),
        }
        labels = self._image_labels.get(listed.image_id, {})
        subject = Subject(ObjectKind.CONTAINER, listed.id, created_ns, listed.labels, labels)
        entry = self._entry(subject._replace(claimed=_claimed(before)), listed.name, facts)
        return replace(entry, bytes=size.bytes, log_bytes=size.log_bytes) if size else entry

    def _images(self) -> Iterator[Entry]:
        for listed in self._listing.images:
            before = self._before((ObjectKind.IMAGE, listed.id))
            untagged = not listed.tags if before is None else bool(before.facts.get("untagged_at_first"))
            came = self._came(before)
            facts = {
                "tags": list(listed.tags),
                "layers": list(listed.layers),
                "untagged_at_first": untagged,
                "came": [each.isoformat() if each else None for each in came],
            }
            name, created_ns = (listed.tags or (listed.id,))[0], listed.created_at * 10**9
            base = _base_of(listed, self._listing.images)
            labels = base.labels if base else {}
            seen_at = self._now if before is None or before.gone_at else before.first_seen_at  # brought here anew
            subject = Subject(ObjectKind.IMAGE, listed.id, created_ns, listed.labels, labels, None, came)
            entry = self._entry(subject._replace(claimed=_claimed(before)), name, facts)
            yield replace(entry, first_seen_at=seen_at)

    def _came(self, before: Entry | None) -> Came:
        if before is None or before.gone_at:  # brought here anew
            return Came(self._looks.last_began_at, self._looks.listed_at)
        return came_of(before, self._looks.listed_at)

    def _volume(self, listed: Volume, containers: Mapping[str, Entry]) -> Entry:
        created_ns = listed.created_at * 10**9
        before = self._before((ObjectKind.VOLUME, listed.name), created_ns)
        first = (before.facts.get("first_mount") if before else None) or _first_with(listed.name, containers.values())
        source: Attribution | None = None
        if first is not None:
            mounter = containers.get(first) or self._before((ObjectKind.CONTAINER, first))
            kept = before.attribution if before and before.attribution.method is Method.MOUNT else UNKNOWN
            source = mounter.attribution if mounter else kept
        facts = {"anonymous": listed.anonymous, "first_mount": first}
        subject = Subject(ObjectKind.VOLUME, listed.name, created_ns, listed.labels, {}, source)
        entry = self._entry(subject._replace(claimed=_claimed(before)), listed.name, facts)
        return replace(entry, bytes=self._measured.volumes.get(listed.name, 0))

    def _layers(self, images: Iterable[Entry]) -> Iterator[Entry]:
        owners = owners_of_layers(
            BroughtImage(image.order, image.facts["layers"], image.attribution) for image in _bringers(list(images))
        )
        for chain, size in self._measured.layers.items():
            subject = Subject(ObjectKind.LAYER, chain, 0, {}, {}, owners.get(chain))
            yield replace(self._entry(subject, chain, {"diff_id": size.diff_id}), bytes=size.bytes)

    def _cache(self, record: str, size: int) -> Entry:
        before, told = self._before((ObjectKind.CACHE, record)), self._listing.cache.get(record)
        facts = dict(before.facts) if before else {}
        if told is not None:
            facts = told._asdict() | {"created_ns": made_ns(before, told)}
        elif self._listing.cache and facts:
            facts["in_use"] = None
        subject = Subject(ObjectKind.CACHE, record, 0, {}, {}, made_ns=made_ns(before, told))
        return replace(self._entry(subject, record, facts), bytes=size)

    def _entry(self, subject: Subject, name: str, facts: Mapping[str, Any]) -> Entry:
        before = self._before((subject.kind, subject.id), subject.created_ns)
        first_seen_at = before.first_seen_at if before else self._now
        its, claimed = self._attribute(subject)
        kept = {} if claimed is None else {"claimed": [claimed.uid, claimed.user]}
        where = (subject.kind, subject.id, name, subject.created_ns, first_seen_at)
        return Entry(*where, facts={**facts, **kept}, attribution=its)

    def _before(self, key: Key, created_ns: int | None = None) -> Entry | None:
        """As it was known, unless another of the same name was made since."""
        found = self._known.get(key)
        is_same = found is not None and (created_ns is None or found.created_ns // 10**9 == created_ns // 10**9)
        return found if is_same else None


def made_ns(before: Entry | None, told: CacheRecord | None) -> int:
    """When a record was made, as it was first told: BuildKit makes another one of it, later, when an image gets it."""
    known: int = before.facts.get("created_ns", 0) if before else 0
    return known or (told.created_ns if told else 0)


def came_of(image: Entry, listed_at: datetime) -> Came:
    """As it was kept; of one that was there before that was kept, by when it was seen."""
    after, by = image.facts.get("came") or (None, None)
    seen_at = image.first_seen_at or listed_at
    return Came(datetime.fromisoformat(after) if after else None, datetime.fromisoformat(by) if by else seen_at)


def _claimed(before: Entry | None) -> Candidate | None:
    kept = before.facts.get("claimed") if before else None
    return Candidate(*kept) if kept else None


def _bringers(images: list[Entry]) -> Iterator[Entry]:
    """The images that say whose layers are.

    A step of a build that nobody ever named says nothing where another image goes on from it: that one says it.
    """
    for image in images:
        layers = image.facts["layers"]
        is_step = image.facts["untagged_at_first"] and image.first_seen_at and image.attribution.method is Method.NONE
        if is_step and any(
            other.id != image.id
            and other.facts["layers"][: len(layers)] == layers
            and not other.facts["untagged_at_first"]
            for other in images
        ):
            continue
        yield image


def _base_of(image: Image, images: Iterable[Image]) -> Image | None:
    """The image that this one was built from: the one with most of its layers."""
    bases = [each for each in images if each.id != image.id and _goes_on_from(image, each)]
    return max(bases, key=lambda each: (len(each.layers), each.created_at, each.id), default=None)


def _goes_on_from(image: Image, base: Image) -> bool:
    is_older = (base.created_at, len(base.layers)) < (image.created_at, len(image.layers))
    return is_older and bool(base.layers) and image.layers[: len(base.layers)] == base.layers


def _first_with(volume: str, containers: Iterable[Entry]) -> str | None:
    having = [entry for entry in containers if volume in entry.facts["volumes"]]
    return min(having, key=lambda entry: (entry.created_ns, entry.id)).id if having else None
