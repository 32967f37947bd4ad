"""All that a host answers about its Docker objects."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from app.web.docker_objects import (
    DockerCacheOut,
    DockerContainerOut,
    DockerImageOut,
    DockerObjectOut,
    DockerStoreOut,
    DockerVolumeOut,
    ReviewItemOut,
)


class Objects(BaseModel):
    """What a host answered."""

    store: DockerStoreOut
    containers: list[DockerContainerOut]
    images: list[DockerImageOut]
    volumes: list[DockerVolumeOut]
    build_cache: list[DockerCacheOut]
    review_queue: list[ReviewItemOut]

    def by_kind(self) -> Mapping[str, Sequence[DockerObjectOut]]:
        """What has a list of its own."""
        return {
            "container": self.containers,
            "image": self.images,
            "volume": self.volumes,
            "cache": self.build_cache,
        }
