"""Why a login did not succeed; the code is shown on the login page."""


class LoginError(Exception):
    """A login ended without a session. `code` is one of those the login page knows."""

    code = "login_invalid"


class LoginExpiredError(LoginError):
    """The login was not begun by this browser, was used already, or took too long."""

    code = "login_expired"


class LoginRefusedError(LoginError):
    """The provider, or the person there, said no."""

    code = "login_refused"


class LoginInvalidError(LoginError):
    """What the provider answered is not to be believed."""

    code = "login_invalid"


class ProviderUnavailableError(LoginError):
    """The provider cannot be reached, or answers with an error."""

    code = "provider_unavailable"
