"""What enforcement decides from, and what it decides. Nothing here reads a clock, a file or a socket."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from app.docker_quota.values import Attribution, Method

RUNNING = frozenset({"running", "paused", "restarting"})
"""The states in which a container can be stopped."""

ROOT = 0
"""The uid of root."""


class Order(StrEnum):
    """Whose turn it is first; ties by id."""

    NEWEST = "newest_first"
    OLDEST = "oldest_first"
    LARGEST = "largest_first"


class Kind(StrEnum):
    """What one step is. `FORGET` is silent: who is exempt by now has nothing held against them."""

    WARN = "warn"
    STOP = "stop"
    REMOVE = "remove"
    SKIP = "skip"
    BACK_BELOW = "back_below"
    FORGET = "forget"


class Mark(StrEnum):
    """What was done to a container before: `FAILED`, the engine would not."""

    STOPPED = "stop"
    REMOVED = "remove"
    SKIPPED = "skip"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of enforcement. `removes` is False where a stop is the last step."""

    order: Order = Order.NEWEST
    removes: bool = True
    grace: timedelta = timedelta(seconds=900)
    remove_grace: timedelta = timedelta(days=1)
    stop_timeout_seconds: int = 10
    enforce_probable: bool = False
    exempt_label: str = "qman.exempt=true"
    exempt_users: frozenset[str] = frozenset()
    dry_run: bool = False

    def exempts(self, labels: Mapping[str, str], its: Attribution, *, by_root: bool) -> bool:
        """Whether a container is exempt: its label counts where root wrote it, by the proxy or by an admin's word.

        `by_root`: root asked the proxy for it. An admin who says that it is root's says who made it. That it is another
        user's says whose it is, and lends a label that they may have written themselves nothing.
        """
        name, _, value = self.exempt_label.partition("=")
        is_roots = its.method is Method.OVERRIDE and its.uid == ROOT
        return bool(name) and (by_root or is_roots) and labels.get(name) == value

    def spares(self, uid: int, name: str | None) -> bool:
        """Whether nothing happens to this user, whatever they have; a uid without a name is written `#1234`."""
        return bool({name, f"#{uid}"} & self.exempt_users)


@dataclass(frozen=True, slots=True)
class Target:
    """A container. `bytes` as measured, `state` as just listed, `is_exempt` as `Rules.exempts` says."""

    id: str
    name: str
    created_ns: int
    bytes: int
    state: str
    attribution: Attribution
    auto_remove: bool = False
    is_exempt: bool = False

    @property
    def is_running(self) -> bool:
        """Whether it can be stopped."""
        return self.state in RUNNING


@dataclass(frozen=True, slots=True)
class Case:
    """A user with what they have. `used` and `limit` in bytes, `limit` the hard one, None for unlimited.

    `measured_at` is when `used` was. `most` names the largest thing that counts for them, with its bytes.
    `name` is None for a uid without one.
    """

    uid: int
    name: str | None
    used: int
    limit: int | None
    measured_at: datetime
    containers: Sequence[Target] = ()
    most: tuple[str, int] | None = None

    @property
    def is_above(self) -> bool:
        """Above the hard limit; at it is not above."""
        return self.limit is not None and self.used > self.limit

    @property
    def shown(self) -> str:
        """The user's name, for sentences."""
        return self.name or f"#{self.uid}"


@dataclass(frozen=True, slots=True)
class Marked:
    """What was done to a container, and when."""

    mark: Mark
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What is held against a user who is above: since when they are, and were warned.

    `removed_at` is when a container of theirs was last removed, and `is_exhausted` whether it was said that nothing is
    left to stop.
    """

    since: datetime
    removed_at: datetime | None = None
    is_exhausted: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier rounds left of a user: `standing` is None for who was not above."""

    standing: Standing | None = None
    marks: Mapping[str, Sequence[Marked]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and why. `container` is None for what is about the user as a whole."""

    kind: Kind
    explanation: str
    container: Target | None = None
