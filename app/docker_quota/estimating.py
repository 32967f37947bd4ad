"""The store by the engine's own figures, where it cannot be measured: Docker's containerd image store, Podman."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from app.docker_quota.accounting import align_history, chain_ids
from app.docker_quota.objects import Engine, EngineDown, Estimate, Image, ImageSize
from app.docker_quota.store import ContainerSize, LayerSize, Measured
from app.quota.errors import BackendError, DeviceUnavailableError

T = TypeVar("T")


def estimate_store(engine: Engine, root: Path) -> Measured:
    """Asks for them. BackendError: the engine does not answer; DeviceUnavailableError: the root is not there."""
    images, sizes = _answered(engine.list_images()), _answered(engine.estimate())
    try:
        figures = os.statvfs(root)
    except OSError as error:
        raise DeviceUnavailableError(f"{root} cannot be read: {error.strerror}.") from error
    return estimated(images, sizes, min(figures.f_bavail, figures.f_bfree) * figures.f_frsize)


def estimated(images: Sequence[Image], sizes: Estimate, free: int) -> Measured:
    """The figures as if they had been measured; what is used is what they add up to."""
    layers = _layers(images, sizes.images)
    parts = (*sizes.containers.values(), *sizes.volumes.values(), *sizes.cache.values())
    return Measured(
        used=sum(parts) + sum(layer.bytes for layer in layers.values()),
        free=free,
        overhead=0,
        containers={its: ContainerSize(size, 0) for its, size in sizes.containers.items()},
        layers=layers,
        volumes=sizes.volumes,
        cache=sizes.cache,
    )


def _layers(images: Sequence[Image], sizes: Mapping[str, ImageSize]) -> Mapping[str, LayerSize]:
    """Each layer once. An image comes after those that it goes on from, so that only what is above counts with it."""
    layers: dict[str, LayerSize] = {}
    for image in sorted(images, key=lambda each: (len(each.layers), each.id)):
        size = sizes.get(image.id)
        if size is None:
            continue
        chains = chain_ids(image.layers)
        aligned = align_history([(step, step == 0) for step in size.steps], image.layers)
        below = sum(layers[chain].bytes for chain in chains if chain in layers)
        for chain, (diff_id, its) in zip(chains, aligned, strict=True):
            rest = max(0, size.total - below) if chain == chains[-1] else 0
            layers.setdefault(chain, LayerSize(diff_id, None, rest if its is None else its))
    return layers


def _answered(answer: T | EngineDown) -> T:
    if isinstance(answer, EngineDown):
        raise BackendError(answer.detail)
    return answer
