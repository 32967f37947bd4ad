"""Routes of Docker's objects: what there is, whose, and what admins say about that."""

from collections.abc import Sequence
from typing import Any

import orjson

from app.auth.signatures import AcceptedKey
from app.quota.errors import NotSupportedError
from app.slave.docker_objects import DockerObjects
from app.slave.services import SlaveServices
from app.web.docker_objects import (
    AttributedOut,
    AttributionIn,
    DockerCacheOut,
    DockerContainerOut,
    DockerImageOut,
    DockerInspectOut,
    DockerStoreOut,
    DockerVolumeOut,
    InspectQuery,
    ObjectQuery,
    ReviewItemOut,
    WithdrawQuery,
)
from app.web.router import Api, Reply

_READING = (409, 503)
_OF_ONE = (404, 409, 503)
_CHANGING = (404, 409, 503, 507)


def declare_docker_objects(api: Api, services: SlaveServices) -> None:
    """Adds the routes. 409 on each where this slave has no Docker."""
    _declare_lists(api, services)
    _declare_one(api, services)
    _declare_attributions(api, services)


def _declare_lists(api: Api, services: SlaveServices) -> None:
    lists: dict[str, Any] = {"access": "read", "errors": _READING, "cache": "content"}

    @api.route("GET", "/remote-api/docker/containers", answer=list[DockerContainerOut], **lists)
    def list_docker_containers() -> Reply:
        """All containers, the largest first, as of the ledger's last look."""
        return _reply(_docker(services).containers())

    @api.route("GET", "/remote-api/docker/images", answer=list[DockerImageOut], **lists)
    def list_docker_images() -> Reply:
        """All images, the largest first. Images share layers: their bytes add up to more than there are."""
        return _reply(_docker(services).images())

    @api.route("GET", "/remote-api/docker/volumes", answer=list[DockerVolumeOut], **lists)
    def list_docker_volumes() -> Reply:
        """All volumes, the largest first."""
        return _reply(_docker(services).volumes())

    @api.route("GET", "/remote-api/docker/build-cache", answer=list[DockerCacheOut], **lists)
    def list_docker_build_cache() -> Reply:
        """All records of the build cache, the largest first."""
        return _reply(_docker(services).build_cache())

    @api.route("GET", "/remote-api/docker/review-queue", answer=list[ReviewItemOut], **lists)
    def list_docker_review_queue() -> Reply:
        """What is not certainly somebody's, the largest first."""
        return _reply(_docker(services).review_queue())


def _declare_one(api: Api, services: SlaveServices) -> None:
    @api.route("GET", "/remote-api/docker/store", access="read", errors=_READING, answer=DockerStoreOut)
    def get_docker_store() -> Reply:
        """The store as a whole: what is used, by whom, and what is nobody's."""
        return _reply(_docker(services).store())

    @api.route("GET", "/remote-api/docker/inspect", access="read", errors=_OF_ONE, answer=DockerInspectOut)
    def inspect_docker_object(query: InspectQuery) -> Reply:
        """What the engine says of an object now, without environment, command lines, options and paths of the host.

        The one call here that asks the engine: 503 where it does not answer within seconds.
        """
        return _reply(_docker(services).inspect(query.kind, query.id))


def _declare_attributions(api: Api, services: SlaveServices) -> None:
    @api.route("GET", "/remote-api/docker/attributions", access="read", errors=_OF_ONE, answer=AttributedOut)
    def get_docker_attribution(query: ObjectQuery) -> Reply:
        """Whose an object is, and all that admins said about it."""
        return _reply(_docker(services).history(query.kind, query.id))

    @api.route("POST", "/remote-api/docker/attributions", access="write", errors=_CHANGING, answer=AttributedOut)
    def set_docker_attribution(caller: AcceptedKey, body: AttributionIn) -> Reply:
        """Say whose an object is, or (`uid` null) that it is nobody's. It stands above whatever else is known.

        It holds for this very object, not for another that later has its name. The same again changes nothing. Layers
        follow their image, and volumes the container that mounted them first, with the next look, within seconds.
        """
        return _reply(_docker(services).attribute(body, caller.id))

    @api.route("DELETE", "/remote-api/docker/attributions", access="write", errors=_CHANGING, answer=AttributedOut)
    def withdraw_docker_attribution(caller: AcceptedKey, query: WithdrawQuery) -> Reply:
        """Take back what was said: what is known besides holds again. Where nothing was said, nothing changes."""
        return _reply(_docker(services).withdraw(query, caller.id))


def _docker(services: SlaveServices) -> DockerObjects:
    if services.docker is None:
        raise NotSupportedError("Docker is not among the backends of this slave: USE_DOCKER_QUOTA is off.")
    return services.docker


def _reply(shown: Sequence[Any] | Any) -> Reply:
    return Reply(orjson.dumps(shown))
