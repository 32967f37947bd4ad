"""Why keys were not exchanged."""

from app.quota.errors import QmanError


class EnrolmentUsedError(QmanError):
    """The code was exchanged for keys before."""

    code = "enrolment_used"


class EnrolmentExpiredError(QmanError):
    """The code is too old."""

    code = "enrolment_expired"


class EnrolmentWrongHostError(QmanError):
    """The code was made for another host."""

    code = "enrolment_wrong_host"


class CodeMalformedError(QmanError):
    """This is no enrolment code."""

    code = "invalid_input"


class SealBrokenError(QmanError):
    """What was sealed does not open: it was altered, or sealed by somebody who does not share our secret."""

    code = "seal_broken"
