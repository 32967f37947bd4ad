"""Reading devices: each in its own lane under a deadline, kept in memory for a while, shared by all who ask."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from app.db.repositories.slave_devices import KnownDevice
from app.quota.clock import Clock
from app.quota.errors import DeviceTimeoutError, QmanError
from app.quota.values import DeviceUsage, Quota, QuotaType
from app.slave.book import DeviceBook
from app.slave.default_book import DefaultsBook
from app.slave.failures import as_problem
from app.slave.inventory import Inventory, Listed, Look
from app.slave.kept import Kept, KeptReadings, as_late
from app.slave.lanes import Lane, Lanes
from app.slave.names import NameBook
from app.slave.observing import NobodyObserves, ReadingObserver
from app.slave.render import DeviceReading, failed_reading, head_part, rows_part, stuck_reading
from app.web.quota_rows import device_head

log = structlog.get_logger(__name__)

NAMES_MISSING = timedelta(seconds=1)
"""How long a reading is kept while some of its names are still on their way."""
IN_TURN_SECONDS = 0.5
"""For so long devices are read one after the other, which is faster than all at once; then the rest at once."""
PATIENCE_SECONDS = 0.8
"""After so long a device that is still being read is shown as it was read before, until it counts as stuck."""


class Reader:
    """Reads the host's devices. A device that fails, hangs or is gone is a failed reading, and the others are fine."""

    def __init__(
        self,
        *,
        inventory: Inventory,
        book: DeviceBook,
        names: NameBook,
        defaults: DefaultsBook,
        lanes: Lanes,
        clock: Clock,
        interval: timedelta,
        observer: ReadingObserver | None = None,
    ) -> None:
        """A reading is served from memory for `interval`, unless the device's generation has changed."""
        self._inventory = inventory
        self._book = book
        self._names = names
        self._defaults = defaults
        self._lanes = lanes
        self._clock = clock
        self._interval = interval
        self._observer = observer or NobodyObserves()
        self._kept = KeptReadings()

    def read_all(self, only: str | None = None) -> Sequence[DeviceReading]:
        """Every device, sorted by name, or only this one. DeviceNotFoundError: `only` was never seen.

        BackendError: no backend can say which devices there are, and none is known.
        """
        look, under_way, asked_at = self._look(only), [], time.monotonic()
        for listed in look.listed.values():
            future = self._submit(listed)
            under_way.append((listed, future))
            self._lane(listed).wait(future, asked_at + IN_TURN_SECONDS)
        until = time.monotonic() + self._lanes.timeout_seconds
        readings = [
            self._late(listed, future, asked_at) or self._settled(listed, future, until, shows_last=True)
            for listed, future in under_way
        ]
        return self._with_missing(look, readings, shows_last=True)

    def read_one(self, quota_type: QuotaType, quota_id: int, only: str | None = None) -> Sequence[DeviceReading]:
        """As `read_all`, with this id's row alone, read from the backend now."""
        look = self._look(only)
        under_way = [
            (listed, self._lane(listed).submit(partial(self.measure_one, listed, quota_type, quota_id)))
            for listed in look.listed.values()
        ]
        until = time.monotonic() + self._lanes.timeout_seconds
        readings = [self._settled(listed, future, until) for listed, future in under_way]
        return self._with_missing(look, readings)

    def measure_one(self, listed: Listed, quota_type: QuotaType, quota_id: int) -> DeviceReading:
        """The device with this id's row alone. May block: runs in the device's lane."""
        device, quotas, now = listed.device, {}, self._clock()
        if quota_type in device.capabilities.quota_types:
            quotas[quota_type] = [listed.backend.get_quota(device.name, quota_type, quota_id)]
        return self._rendered(listed, quotas, listed.backend.get_usage(device.name), now)[0]

    def _look(self, only: str | None) -> Look:
        look = self._inventory.look(only)
        if only is None:
            if look.failures and not (look.listed or look.missing):
                raise next(iter(look.failures.values()))
            return look
        if only not in look.listed and only not in look.missing:
            look.get(only)
        return Look(
            {name: listed for name, listed in look.listed.items() if name == only},
            {name: missing for name, missing in look.missing.items() if name == only},
            look.failures,
        )

    def _lane(self, listed: Listed) -> Lane:
        return self._lanes.lane(listed.device.name)

    def _submit(self, listed: Listed) -> "Future[DeviceReading]":
        kept = self._fresh(listed)
        if kept is None:
            return self._lane(listed).submit(lambda: self._fresh(listed) or self._measure(listed))
        future: Future[DeviceReading] = Future()
        future.set_result(kept)
        return future

    def _fresh(self, listed: Listed) -> DeviceReading | None:
        return self._kept.find_fresh(listed.device, listed.generation, self._clock())

    def _measure(self, listed: Listed) -> DeviceReading:
        device, now, began_at = listed.device, self._clock(), time.monotonic()
        quotas = {its: list(listed.backend.iter_quotas(device.name, its)) for its in device.capabilities.quota_types}
        usage = listed.backend.get_usage(device.name)
        reading, has_names = self._rendered(listed, quotas, usage, now)
        good_for = self._interval if has_names else min(self._interval, NAMES_MISSING)
        self._kept.keep(Kept(device, usage, reading, listed.generation, now, good_for))
        self._observer.reading_done(device.name, time.monotonic() - began_at)
        return reading

    def _rendered(
        self, listed: Listed, quotas: Mapping[QuotaType, Sequence[Quota]], usage: DeviceUsage, now: datetime
    ) -> tuple[DeviceReading, bool]:
        """The reading, and whether all names stand in it that will be known."""
        device, backend, rows, has_names = listed.device, listed.backend, {}, True
        for its, found in quotas.items():
            grace = backend.get_grace_periods(device.name, its) if device.capabilities.grace_periods else None
            names = self._names.names_of(its, [quota.quota_id for quota in found if quota.name is None])
            has_names = has_names and names.is_final
            defaults = self._defaults.load(device.name, its, found[0].quota_id if len(found) == 1 else None)
            shown, on_defaults = defaults.shown_all(found)
            rows[its] = rows_part(
                device,
                its,
                shown,
                names=names.by_id,
                on_defaults=on_defaults,
                defaults=defaults.limits,
                grace=grace,
                now=now,
            )
        head = head_part(device, usage)
        measured_at = usage.measured_at or now - timedelta(seconds=device.accounting.delay_seconds)
        return DeviceReading(device.name, measured_at, head, rows), has_names

    def _late(self, listed: Listed, future: "Future[DeviceReading]", asked_at: float) -> DeviceReading | None:
        """The last good reading of a device that takes its time, if nothing was changed since and it is not stuck."""
        kept, lane = self._kept.find(listed.device), self._lane(listed)
        if kept is None or kept.generation < listed.generation:
            return None
        if lane.wait(future, asked_at + PATIENCE_SECONDS) or lane.is_stuck:
            return None
        future.cancel()
        return as_late(kept.reading)

    def _settled(
        self, listed: Listed, future: "Future[DeviceReading]", until: float, *, shows_last: bool = False
    ) -> DeviceReading:
        error = self._lane(listed).settle(future, until=until)
        known, device = listed.known, listed.device
        if error is not None:
            last = self._kept.find(device) if shows_last else None
            return self._failed(device_head(device), as_problem(error, device.name), known, last)
        if known is not None and known.failed_since is not None:
            self._book.set_failed(device.name, None)
        return future.result()

    def _failed(
        self, head: Mapping[str, Any], error: QmanError, known: KnownDevice | None, last: Kept | None
    ) -> DeviceReading:
        """The failure; with the last good rows, where the device does not answer. Any other failure outdates them."""
        now, name = self._clock(), str(head["name"])
        self._observer.reading_failed(name, error.code)
        since = known.failed_since if known is not None else None
        if since is None:
            since = now
            self._book.set_failed(name, since)
            log.warning("device_failed", device=name, code=error.code, detail=error.detail)
        if not isinstance(error, DeviceTimeoutError):
            self._kept.drop(name)
        elif last is not None:
            return stuck_reading(head, error, since, last=last.reading, usage=last.usage)
        return failed_reading(head, error, since, now)

    def _with_missing(
        self, look: Look, readings: Sequence[DeviceReading], *, shows_last: bool = False
    ) -> Sequence[DeviceReading]:
        missing = [
            self._failed(each.head, each.error, each.known, self._kept.find_named(name) if shows_last else None)
            for name, each in look.missing.items()
        ]
        return sorted([*readings, *missing], key=lambda reading: reading.name)
