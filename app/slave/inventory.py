"""Which devices this host has now, which it had, and which backends cannot say."""

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from app.db.repositories.slave_devices import KnownDevice
from app.quota.backend import QuotaBackend
from app.quota.clock import Clock
from app.quota.errors import BackendError, DeviceNotFoundError, DeviceUnavailableError, QmanError
from app.quota.values import Device
from app.slave.book import DeviceBook
from app.slave.failures import as_problem
from app.slave.lanes import Lane, Lanes

LISTING_SECONDS = 1.0
"""How long a list of devices is served from memory."""
PATIENCE_SECONDS = 0.8
"""After so long the list is taken as it last was, while the backend is still being asked; until it counts as stuck."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A device that is there. `generation` is that of the book, read before the device is."""

    device: Device
    backend: QuotaBackend
    known: KnownDevice | None

    @property
    def generation(self) -> int:
        """Figures of an older generation are outdated."""
        return self.known.generation if self.known else 0


@dataclass(frozen=True, slots=True)
class Missing:
    """A device that was there, and why it is not now. `head` is how it was described."""

    head: Mapping[str, Any]
    known: KnownDevice
    error: QmanError


@dataclass(frozen=True, slots=True)
class Look:
    """One look at all backends."""

    listed: Mapping[str, Listed]
    missing: Mapping[str, Missing]
    failures: Mapping[str, QmanError]

    def get(self, device: str) -> Listed:
        """The device. DeviceNotFoundError; BackendError: it was seen and is gone, or its backend cannot say."""
        found = self.listed.get(device)
        if found is not None:
            return found
        if device in self.missing:
            raise self.missing[device].error
        if self.failures:
            names = ", ".join(sorted(self.failures))
            raise BackendError(f"Whether there is a device {device!r} is not known: {names} fails.")
        raise DeviceNotFoundError(f"There is no device {device!r} on this host.")


class Inventory:
    """Asks every backend for its devices, each in its own lane, and remembers them in the book."""

    def __init__(self, backends: Sequence[QuotaBackend], lanes: Lanes, book: DeviceBook, clock: Clock) -> None:
        self.backends = tuple(backends)
        self._lanes = lanes
        self._book = book
        self._clock = clock
        self._listings: dict[str, tuple[float, Sequence[Device]]] = {}

    def look(self, only: str | None = None) -> Look:
        """The devices as they are now, at most `LISTING_SECONDS` old. Never fails for a backend's sake.

        `only` one device is asked for: its backend alone, where it is known, so that no other is waited for.
        """
        now = self._clock()
        known = self._book.load()
        if only is None or only not in known:
            return self._look(self.backends, known, now)
        its_own = [backend for backend in self.backends if backend.name == known[only].backend]
        found = self._look(its_own, known, now)
        return found if only in found.listed or found.failures else self._look(self.backends, known, now)

    def _look(self, backends: Sequence[QuotaBackend], known: Mapping[str, KnownDevice], now: datetime) -> Look:
        listed: dict[str, Listed] = {}
        failures: dict[str, QmanError] = {}
        asked = [(backend, self._ask(backend)) for backend in backends]
        asked_at = time.monotonic()
        for backend, future in asked:
            devices = self._listing(backend, future, asked_at)
            if isinstance(devices, QmanError):
                failures[backend.name] = devices
                continue
            self._book.see(backend.name, devices, known, now)
            for device in devices:
                listed.setdefault(device.name, Listed(device, backend, known.get(device.name)))
        names = {backend.name for backend in backends}
        remembered = (
            each
            for each in known.values()
            if each.backend in names and self._book.is_remembered(each, now, of_any_run=each.backend in failures)
        )
        return Look(listed, dict(_missing(remembered, listed, failures)), failures)

    def _listing(
        self, backend: QuotaBackend, future: "Future[Sequence[Device]]", asked_at: float
    ) -> Sequence[Device] | QmanError:
        """The backend's devices; as they last were, while it is asked for a while; or why there is no list."""
        lane, before = self._lane(backend), self._listings.get(backend.name)
        if before is not None and not lane.wait(future, asked_at + PATIENCE_SECONDS) and not lane.is_stuck:
            future.cancel()
            return before[1]
        error = lane.settle(future, until=asked_at + lane.timeout_seconds)
        return future.result() if error is None else as_problem(error, f"the list of {backend.name} devices")

    def _ask(self, backend: QuotaBackend) -> "Future[Sequence[Device]]":
        listed_at, devices = self._listings.get(backend.name, (float("-inf"), ()))
        if time.monotonic() - listed_at > LISTING_SECONDS:
            return self._lane(backend).submit(lambda: self._list(backend))
        future: Future[Sequence[Device]] = Future()
        future.set_result(devices)
        return future

    def _list(self, backend: QuotaBackend) -> Sequence[Device]:
        started_at = time.monotonic()
        devices = tuple(backend.list_devices())
        self._listings[backend.name] = started_at, devices
        return devices

    def _lane(self, backend: QuotaBackend) -> Lane:
        return self._lanes.lane(f"the list of {backend.name} devices")


def _missing(
    remembered: Iterable[KnownDevice], listed: Mapping[str, Listed], failures: Mapping[str, QmanError]
) -> Iterable[tuple[str, Missing]]:
    gone = DeviceUnavailableError("The device was seen and is gone: unmounted, or its quotas are off.")
    for known in remembered:
        if known.name not in listed:
            error = failures.get(known.backend, gone)
            yield known.name, Missing(orjson.loads(known.described), known, error)
