"""Who uses how much of Docker's store: sizes and attributions in, shares out. Pure.

Each byte counts once: a container's for whoever made it, a layer's for whose image brought it, a volume's for whose
container mounted it first. Attributed and unattributed bytes, the overhead among these, are what is used.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from app.docker_quota.objects import ObjectKind
from app.docker_quota.values import UNKNOWN, Attribution, Certainty, Counting, Method

T = TypeVar("T")

DIFFERENCE_PERCENT = 1
"""From so much of what is used on, what the filesystem says besides is worth a row."""


class Holding(NamedTuple):
    """An object that takes bytes, and whose it is."""

    kind: ObjectKind
    bytes: int
    attribution: Attribution


class BroughtImage(NamedTuple):
    """An image with its layers (diff ids, from the lowest up), and whose it is.

    `order` sorts images by when they were brought here, the first known one first.
    """

    order: tuple[float, int, str]
    layers: Sequence[str]
    attribution: Attribution


@dataclass(slots=True)
class Share:
    """What one user has, in bytes by kind; `claimed` counts for nobody, it may be theirs.

    `presumed` is that part of the build cache for which nothing but the time speaks.
    """

    container: int = 0
    image_layer: int = 0
    volume: int = 0
    build_cache: int = 0
    claimed: int = 0
    presumed: int = 0

    @property
    def used(self) -> int:
        """What counts for the user."""
        return self.container + self.image_layer + self.volume + self.build_cache

    @property
    def held(self) -> int:
        """What is held against the user's limit, where something is done or refused for it."""
        return self.used - self.presumed


@dataclass(frozen=True, slots=True)
class Figures:
    """The store as a whole, in bytes. `filesystem_used` is None where the filesystem is not the store's own."""

    used: int
    free: int
    overhead: int
    filesystem_used: int | None = None

    def free_beside(self, reserved: int) -> int:
        """What Docker may still take, when so many bytes of the filesystem are to be left free."""
        return max(0, self.free - reserved)

    @property
    def difference(self) -> int | None:
        """What the filesystem has besides: files deleted and still open. None where that is next to nothing."""
        if self.filesystem_used is None:
            return None
        besides = self.filesystem_used - self.used
        return besides if abs(besides) * 100 > self.used * DIFFERENCE_PERCENT else None


@dataclass(frozen=True, slots=True)
class Account:
    """Shares by uid, and what is nobody's, the overhead with it."""

    shares: Mapping[int, Share]
    unattributed: int

    @property
    def attributed(self) -> int:
        """What counts for somebody."""
        return sum(share.used for share in self.shares.values())


_PARTS: Mapping[ObjectKind, str] = {
    ObjectKind.CONTAINER: "container",
    ObjectKind.LAYER: "image_layer",
    ObjectKind.VOLUME: "volume",
    ObjectKind.CACHE: "build_cache",
}


def account(holdings: Iterable[Holding], overhead: int) -> Account:
    """Adds up. Images take no bytes of their own: their layers do."""
    shares: dict[int, Share] = {}
    unattributed = overhead
    for kind, size, attribution in holdings:
        if kind is ObjectKind.IMAGE:
            continue
        counting = attribution.counts()
        if attribution.uid is None or counting is Counting.UNATTRIBUTED:
            unattributed += size
            continue
        share = shares.setdefault(attribution.uid, Share())
        if counting is Counting.CLAIMED:
            share.claimed += size
            unattributed += size
        else:
            setattr(share, _PARTS[kind], getattr(share, _PARTS[kind]) + size)
            share.presumed += size if is_presumed(kind, attribution) else 0
    return Account(shares, unattributed)


def is_presumed(kind: ObjectKind, attribution: Attribution) -> bool:
    """Does nothing but the time at which somebody built say whose it is?"""
    return kind is ObjectKind.CACHE and attribution.certainty is Certainty.PROBABLE


def chain_ids(layers: Sequence[str]) -> Sequence[str]:
    """The chain id of each layer with those below it (image-spec, config.md, "Layer ChainID")."""
    chains: list[str] = []
    for diff_id in layers:
        above = hashlib.sha256(f"{chains[-1]} {diff_id}".encode()).hexdigest() if chains else ""
        chains.append(f"sha256:{above}" if above else diff_id)
    return chains


def owners_of_layers(images: Iterable[BroughtImage]) -> Mapping[str, Attribution]:
    """Whose each layer is, by chain id: that of the earliest image that has it, of those that are there now."""
    owners: dict[str, Attribution] = {}
    for image in sorted(images, key=lambda each: each.order):
        for chain in chain_ids(image.layers):
            owners.setdefault(chain, image.attribution.inherited(Method.LAYER))
    return owners


def owner_of_volume(own: Attribution, first_mount: Attribution | None) -> Attribution:
    """Whose a volume is: what is known of itself, else that of the container that mounted it first."""
    if own.method is not Method.NONE:
        return own
    return UNKNOWN if first_mount is None else first_mount.inherited(Method.MOUNT)


def align_history(history: Sequence[tuple[T, bool]], layers: Sequence[str]) -> Sequence[tuple[str, T | None]]:
    """Each layer with the entry of the image's history that made it.

    Entries are oldest first, each with whether it is empty: those made no layer (ENV, CMD). Where the rest are not as
    many as the layers (an image that was squashed or built by something else), none is known to belong to any.
    """
    made = [entry for entry, is_empty in history if not is_empty]
    if len(made) != len(layers):
        return [(layer, None) for layer in layers]
    return list(zip(layers, made, strict=True))
