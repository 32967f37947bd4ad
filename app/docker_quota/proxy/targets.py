"""Which request of Docker's API a target names, as dockerd's router would understand it.

Go decodes percent signs once before it routes, and takes the absolute form; what is no plain path there is refused. A
path that dockerd would redirect (`//`, `/./`) is taken for what it leads to: that can only label too much.
"""

import posixpath
import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote_to_bytes

from app.docker_quota.proxy.refusals import bad_request


class Action(StrEnum):
    """What the proxy does more about than to pass it through: what it brings about has an owner.

    The last two are how BuildKit builds, beside `build`: files of a client, and all that buildx asks.
    """

    CREATE_CONTAINER = "containers/create"
    CREATE_VOLUME = "volumes/create"
    CREATE_NETWORK = "networks/create"
    BUILD = "build"
    COMMIT = "commit"
    PULL = "images/create"
    LOAD = "images/load"
    SESSION = "session"
    GRPC = "grpc"


_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*(/.*)")
_VERSION = re.compile(r"/v[0-9.]+(?=/)")


@dataclass(frozen=True, slots=True)
class Target:
    """A request's target. `origin` is its path and query as they are passed on, `query` what follows the `?`."""

    origin: bytes
    query: bytes
    action: Action | None


def parse_target(method: bytes, target: bytes) -> Target:
    """The target of a request. Raises RefusedRequestError where it is neither a path nor absolute."""
    absolute = _ABSOLUTE.fullmatch(target)
    origin = absolute[1] if absolute else target
    if not origin.startswith(b"/"):
        raise bad_request("the target is no path")
    path, _, query = origin.partition(b"?")
    is_post = method.upper() == b"POST"
    return Target(origin, query, _action(unquote_to_bytes(path).decode("latin-1")) if is_post else None)


def _action(path: str) -> Action | None:
    clean = posixpath.normpath("/" + path.lstrip("/"))
    wanted = _VERSION.sub("", clean, count=1) if _VERSION.match(clean) else clean
    return next((action for action in Action if wanted == f"/{action}"), None)
