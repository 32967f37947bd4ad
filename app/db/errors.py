"""Errors of the database."""

from app.quota.errors import QmanError


class NoSpaceError(QmanError):
    """The disk with the database is full: nothing was written, reading goes on."""

    code = "no_space"


class DatabaseUnavailableError(QmanError):
    """The database does not answer. Trying later may help."""

    code = "database_unavailable"
