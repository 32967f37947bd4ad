"""All that a host answers about its Docker objects."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from app.db.engine import Database
from app.db.repositories.docker_hosts import DockerHostRepository, StoredReading
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

    def of_kind(self, kind: str) -> Sequence[DockerObjectOut]:
        """All of this kind; of layers those that no image has any more."""
        if kind == "layer":
            return [each for each in self.review_queue if each.kind == kind]
        return self.by_kind().get(kind, ())


def objects_of(reading: StoredReading | None) -> Objects | None:
    """What a host answered; None before it ever did."""
    return None if reading is None or not reading.body else Objects.model_validate_json(reading.body)


def find_object(database: Database, place: tuple[str, str, str]) -> DockerObjectOut | None:
    """The object of this host, kind and id as last read."""
    host_id, kind, object_id = place
    with database.read() as connection:
        objects = objects_of(DockerHostRepository(connection).readings([host_id]).get(host_id))
    if objects is None:
        return None
    return next((each for each in objects.of_kind(kind) if each.id == object_id), None)
