"""Failures of devices as data: one that fails never takes another along."""

import structlog

from app.quota.errors import BackendError, QmanError

log = structlog.get_logger(__name__)


def as_problem(error: BaseException, what: str) -> QmanError:
    """The error in qman's words. One that no backend promises is our fault: its trace goes to the log."""
    if isinstance(error, QmanError):
        return error
    log.error("backend_broke_its_promise", what=what, exc_info=error)
    return BackendError(f"Reading {what} failed in an unexpected way. The log of the slave has the details.")
