"""Errors of login, sessions and roles."""

from app.quota.errors import QmanError


class UnauthenticatedError(QmanError):
    """Nobody is logged in: no session, or one that ended."""

    code = "unauthenticated"


class ForbiddenError(QmanError):
    """Whoever is logged in may not do that."""

    code = "forbidden"


class CsrfError(QmanError):
    """The request may come from another site: the token is missing or wrong, or the Origin is foreign."""

    code = "csrf"


class LoginNotConfiguredError(QmanError):
    """There is no oauth.config.json."""

    code = "login_not_configured"


class TooManyLoginsError(QmanError):
    """More logins than configured."""

    code = "too_many_requests"
