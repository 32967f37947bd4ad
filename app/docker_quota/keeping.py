"""One full look at the engine and its store, kept in the ledger."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog

from app.docker_quota.accounting import Figures
from app.docker_quota.cache_book import CacheBook
from app.docker_quota.entries import Entry, Key
from app.docker_quota.joining import Attribute, Join, Looks
from app.docker_quota.ledger import OK, Holder, Ledger, Turn, measured_store
from app.docker_quota.objects import Detail, Engine, EngineDown, EngineInfo, EngineState, Listing, ObjectKind
from app.docker_quota.store import Measured
from app.docker_quota.thinning import thin_journal
from app.quota.clock import Clock
from app.quota.errors import BackendError

T = TypeVar("T")

log = structlog.get_logger(__name__)

LEASE_LOST = "lease_lost"

Measure = Callable[[EngineInfo], Measured]
"""Measures the store of this engine. BackendError."""
MakeAttribute = Callable[[Listing, Mapping[Key, Entry]], Attribute]
"""Gathers what is needed to attribute these objects, with what is known of them. BackendError: not to be had now."""


class _DownError(Exception):
    """Ends a look whose engine does not answer."""

    def __init__(self, down: EngineDown) -> None:
        super().__init__(down.detail)
        self.down = down


@dataclass(frozen=True, slots=True)
class LedgerKeeper:
    """Looks at this engine, one look at a time; `holder` is who has the lease."""

    engine: Engine
    measure: Measure
    ledger: Ledger
    make_attribute: MakeAttribute
    clock: Clock
    holder: Holder
    cache: CacheBook

    def look(self) -> str:
        """One full look, kept. `ok`, why the engine or its store cannot be read, or `lease_lost`.

        Where anything of it cannot be read nothing is changed but the state: what is not listed now is not gone.
        """
        began_at = self.clock()
        store, known = self.ledger.snapshot(gone_too=True)
        turn = Turn(self.holder, store)
        last_began_at = store.measured_at if store else None
        try:
            listing = self._listing(known)
            looks = Looks(last_began_at, began_at, self.clock())
            measured = self.measure(listing.info)
            listing = self._with_cache(listing, measured)
            attribute = self.make_attribute(listing, known)
        except _DownError as error:
            return self._down(turn, error.down)
        except BackendError as error:
            return self._down(turn, EngineDown(EngineState.FAILING, error.detail))
        joined = Join(known, listing, measured, attribute, looks).result()
        figures = Figures(measured.used, measured.free, joined.overhead, measured.filesystem_used)
        store = measured_store(listing.info, figures, began_at)
        kept = self.ledger.put(turn, store, listing.info, joined.entries, self.clock())
        return OK if kept else LEASE_LOST

    def _with_cache(self, listing: Listing, measured: Measured) -> Listing:
        """The listing with what is known of the build cache; nothing is asked where there is none."""
        if not measured.cache:
            return listing
        told = self.cache.look()
        records = {measured.snapshots.get(its_id, its_id): record for its_id, record in told.records.items()}
        lacks = (*listing.info.lacks, told.problem) if told.problem else listing.info.lacks
        return replace(listing, cache=records, info=replace(listing.info, lacks=lacks))

    def tidy(self) -> None:
        """Forgets of the proxy's journal what says nothing any more."""
        thin_journal(self.ledger.database, self.clock())

    def _down(self, turn: Turn, down: EngineDown) -> str:
        log.warning("docker_engine_down", state=down.state.value, detail=down.detail)
        return down.state.value if self.ledger.put_down(turn, down, self.clock()) else LEASE_LOST

    def _listing(self, known: Mapping[Key, Entry]) -> Listing:
        info = _answered(self.engine.info())
        containers = _answered(self.engine.list_containers())
        new = [each.id for each in containers if (ObjectKind.CONTAINER, each.id) not in known]
        return Listing(
            info=info,
            containers=containers,
            images=_answered(self.engine.list_images()),
            volumes=_answered(self.engine.list_volumes()),
            details=dict(self._details(new)),
        )

    def _details(self, container_ids: list[str]) -> Iterator[tuple[str, Detail]]:
        for container_id in container_ids:
            detail = _answered(self.engine.detail(container_id))
            if detail is not None:  # else deleted since it was listed
                yield container_id, detail


def _answered(answer: T | EngineDown) -> T:
    if isinstance(answer, EngineDown):
        raise _DownError(answer)
    return answer
