"""The errors of qman: each says what went wrong, with a stable `code` and never an HTTP status.

`app/web/problems.py` turns codes into answers. Adapters raise these, translated at their own border.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One wrong member of an input: its name, what was found there, and what is expected."""

    field: str
    found: str
    expected: str


class QmanError(Exception):
    """The root of the tree. `code` is stable, `detail` is a sentence for people."""

    code: str = "internal"

    def __init__(
        self, detail: str, *, fields: Sequence[FieldFault] = (), retry_after_seconds: int | None = None
    ) -> None:
        """`retry_after_seconds` is set where trying again later can help."""
        super().__init__(detail)
        self.detail = detail
        self.fields = tuple(fields)
        self.retry_after_seconds = retry_after_seconds


class InvalidInputError(QmanError):
    """What the caller sent is malformed or out of range. Nothing was changed."""

    code = "invalid_input"


class NotFoundError(QmanError):
    """There is no such thing."""

    code = "not_found"


class DeviceNotFoundError(NotFoundError):
    """No backend of this host has, or lately had, a device of this name."""

    code = "device_not_found"


class UserNotFoundError(NotFoundError):
    """The host knows no user of this name."""

    code = "user_not_found"


class NotSupportedError(QmanError):
    """The backend of this device cannot do that, whoever asks and whenever."""

    code = "not_supported"


class StaleUpdateError(QmanError):
    """Somebody else changed the quota since the caller read it."""

    code = "stale_update"


class BackendError(QmanError):
    """The backend could not answer. Trying later may help."""

    code = "backend_unavailable"


class DeviceUnavailableError(BackendError):
    """The device is known but cannot be read or changed now: unmounted, I/O error, quotas off."""

    code = "device_unavailable"


class DeviceTimeoutError(BackendError):
    """The device did not answer within its deadline."""

    code = "device_timeout"


class BackendForbiddenError(BackendError):
    """The operating system does not let this process do that: the slave lacks CAP_SYS_ADMIN."""

    code = "backend_forbidden"
