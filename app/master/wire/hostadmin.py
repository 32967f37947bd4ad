"""What admins send and get when they add hosts, and what hosts are told of their enrolment."""

from typing import Annotated, Literal

from pydantic import Field

from app.master.wire.hosts import HostProblemOut
from app.settings.master import BaseUrl, HostId
from app.web.wire import In, Instant, Out, no_default


class HostIn(In):
    """A host to add."""

    id: HostId = Field(description="As SLAVE_HOST_ID of its settings")
    label: Annotated[str, Field(max_length=200)] = Field(default="", json_schema_extra=no_default)
    url: BaseUrl = Field(description="Where its slave answers the master")
    ca_file: Annotated[str, Field(min_length=1, max_length=1000)] | None = Field(
        default=None, description="Its own authority for https, one of CA_FILES in the master's settings"
    )


class CodeOut(Out):
    """A code to enrol a host with, shown this once."""

    host: str
    code: str
    expires_at: Instant


class RotationOut(Out):
    """The host has new keys, and the old ones are dropped."""

    host: str
    keys_at: Instant | None = Field(description="Since when the new keys are in use")


class EnrolmentStatusIn(In):
    """Which host asks; the request is signed with its event key."""

    host_id: Annotated[str, Field(min_length=1, max_length=100)]


class EnrolmentStatusOut(Out):
    """How far the enrolment is: the master confirms it by a reading with the new keys."""

    state: Literal["unconfirmed", "enrolled"]
    problem: HostProblemOut | None = Field(description="Why the last reading with the new keys failed")
