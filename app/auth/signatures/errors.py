"""Why a signed request was refused."""

from app.quota.errors import QmanError


class SignatureInvalidError(QmanError):
    """The request is not signed as it must be. `rule` is the rule that it broke, for logs and tests."""

    code = "signature_invalid"

    def __init__(self, rule: str, detail: str) -> None:
        """`detail` says what is wrong and never what would have been right."""
        super().__init__(detail)
        self.rule = rule


class ScopeMissingError(QmanError):
    """The signature is right, and its key may not do this."""

    code = "scope_missing"
