"""Bases of wire models: `In` for what others send us, `Out` for what we send, queries for URLs."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
)
from werkzeug.datastructures import MultiDict

from app.quota.errors import FieldFault, InvalidInputError

MAX_ID = 2**32 - 2
"""Largest uid, gid or project id; 2³² - 1 means "no id" to the kernel (setreuid(2))."""

_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""In JSON there is no other way to write it. PostgreSQL keeps no such text, and nothing on Linux is called by it."""
_ISO = re.compile(r"\d{4}-\d\d-\d\dT")

M = TypeVar("M", bound=BaseModel)

Uid = Annotated[int, Field(ge=0, le=MAX_ID)]

JsonObject = dict[str, Any]
"""JSON-ready: what a page with hundreds of rows is put together as, without a model for each."""


def iso_utc(instant: datetime) -> str:
    """`2026-11-21T04:00:00Z`, to the second."""
    return f"{instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


Instant = Annotated[
    datetime,
    PlainSerializer(iso_utc, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant; on the wire in ISO 8601, to the second."""


def no_default(schema: dict[str, Any]) -> None:
    """For members that may be missing but never null: keeps pydantic's `default: null` out of the document."""
    schema.pop("default", None)


class In(BaseModel):
    """A body sent to us: strict types, no unknown members."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Out(BaseModel):
    """A body that we send, or that another qman sent: strict types, unknown members are passed over."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


def _no_nul(text: str) -> str:
    if "\0" in text:
        message = "text without NUL characters"
        raise ValueError(message)
    return text


QueryText = Annotated[str, Field(max_length=1000), AfterValidator(_no_nul)]


def _iso_text(value: object) -> object:
    if not isinstance(value, str) or not _ISO.match(value):
        message = "an ISO 8601 instant with a zone, like 2026-11-21T04:00:00Z"
        raise ValueError(message)
    return value


def _to_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        message = "an instant between the years 1 and 9999"
        raise ValueError(message) from None


QueryInstant = Annotated[
    AwareDatetime,
    BeforeValidator(_iso_text),
    AfterValidator(_to_utc),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant in a URL: ISO 8601 with a zone; a bare number is none."""


class Query(BaseModel):
    """Parameters of a URL: text is converted, unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoQuery(Query):
    """For calls without parameters."""


def faults_of(error: ValidationError, *, inside: str = "") -> list[FieldFault]:
    """Pydantic's findings in qman's words: which member, what was found, what is expected."""
    return [
        FieldFault(
            field=".".join((*([inside] if inside else []), *(str(part) for part in fault["loc"]))) or "body",
            found="nothing" if fault["type"] == "missing" else _shortened(fault["input"]),
            expected="no such member" if fault["type"] == "extra_forbidden" else _expectation(fault["msg"]),
        )
        for fault in error.errors(include_url=False)
    ]


def _shortened(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line's worth


def _expectation(message: str) -> str:
    for prefix in ("Input should be ", "Value error, "):
        message = message.removeprefix(prefix)
    return message


def parse_body(model: type[M], raw: bytes) -> M:
    """The body as a model. InvalidInputError names each wrong member; an empty body is malformed, not `{}`."""
    try:
        parsed = model.model_validate_json(raw)
    except ValidationError as error:
        raise InvalidInputError("The body is not as expected.", fields=faults_of(error)) from error
    if has_nul(raw):
        raise _with_nul("body", "The body is not as expected.")
    return parsed


def has_nul(raw: bytes) -> bool:
    """Is there a NUL character in a text of this JSON?"""
    return b"\\u0000" in raw and _ESCAPED_NUL.search(raw) is not None


def parse_query(model: type[M], arguments: MultiDict[str, str]) -> M:
    """The URL's parameters as a model. InvalidInputError names each wrong one; one given twice is wrong."""
    values: Mapping[str, str | list[str]] = {
        name: given[0] if len(given) == 1 else given for name, given in arguments.lists()
    }
    try:
        parsed = model.model_validate(values)
    except ValidationError as error:
        raise InvalidInputError("The parameters are not as expected.", fields=faults_of(error)) from error
    for name, value in arguments.items(multi=True):
        refuse_nul(name, value, "The parameters are not as expected.")
    return parsed


def refuse_nul(field: str, text: str, detail: str) -> None:
    """InvalidInputError where there is a NUL character in the text."""
    if "\0" in text:
        raise _with_nul(field, detail)


def _with_nul(field: str, detail: str) -> InvalidInputError:
    return InvalidInputError(detail, fields=[FieldFault(field, "a NUL character", "text without NUL characters")])
