"""Errors of login, sessions and roles."""

from app.quota.errors import NotFoundError, QmanError


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
    """More logins, enrolments or wrong tokens than a minute may have."""

    code = "too_many_requests"


class TokenScopeError(ForbiddenError):
    """The API token is valid, but not for this call."""

    code = "token_scope"


class TokenNotFoundError(NotFoundError):
    """There is no API token of this id, or it is somebody else's."""

    code = "token_not_found"


class TooManyTokensError(QmanError):
    """One person may not have more API tokens."""

    code = "too_many_tokens"
