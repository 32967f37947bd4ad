"""Errors of the master's use cases."""

from app.quota.errors import NotFoundError, QmanError


class HostNotFoundError(NotFoundError):
    """No host of this id is in the settings."""

    code = "host_not_found"


class HostNotEnrolledError(QmanError):
    """The host is listed, and the master has no keys for it: it waits to be enrolled, once or again."""

    code = "host_not_enrolled"


class HostSuspendedError(QmanError):
    """An admin suspended the host: it is neither read nor changed."""

    code = "host_suspended"


class HostExistsError(QmanError):
    """A host of this id is listed already."""

    code = "host_exists"


class HostInSettingsError(QmanError):
    """The host stands in the settings file, where alone it can be changed so."""

    code = "host_in_settings"


class KeysChangedError(QmanError):
    """Somebody else changed the keys of the host at the same time."""

    code = "keys_changed"


class PersonNotFoundError(NotFoundError):
    """Nobody of this id has logged in."""

    code = "person_not_found"


class MappingNotFoundError(NotFoundError):
    """There is no mapping of this id."""

    code = "mapping_not_found"


class MappingExistsError(QmanError):
    """The account belongs to somebody already."""

    code = "mapping_exists"


class HostRefusedError(QmanError):
    """The host could not be connected to. Nothing was changed there."""

    code = "host_refused"


class HostFailedError(QmanError):
    """The host answered, but not as a slave should."""

    code = "host_error"


class HostTimeoutError(QmanError):
    """The host did not answer in time: whether it did what was asked is not known."""

    code = "host_timeout"


class SlaveRefusedError(QmanError):
    """The slave refused the change; the code and the fields are its own."""

    def __init__(self, code: str, detail: str) -> None:
        """`code` is the slave's and stands in the table of problems."""
        super().__init__(detail)
        self.code = code


class ChangeNotFoundError(NotFoundError):
    """There is no entry of this id in the audit trail."""

    code = "change_not_found"


class ChangeSetNotFoundError(NotFoundError):
    """There is no change set of this id."""

    code = "change_set_not_found"


class NotUndoableError(QmanError):
    """The change cannot be undone: nothing was changed, or what stood before is not known."""

    code = "not_undoable"


class ChangeSetStateError(QmanError):
    """The change set is not in the state for that: running already, over, or not begun."""

    code = "change_set_state"
