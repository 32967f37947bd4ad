"""People and their mappings."""

from typing import Annotated, Literal

from pydantic import Field

from app.master.wire.pages import PageOut, SortedQuery
from app.master.wire.rows import PersonRefOut, RowOut
from app.quota.status import QuotaStatus
from app.web.wire import In, Instant, Out, QueryText

MappingState = Literal["active", "claimed"]
MappingVia = Literal["rule", "proof", "admin"]


class MyMappingOut(Out):
    """An account of mine on a host."""

    host: str
    username: str
    uid: int | None
    state: MappingState
    via: MappingVia


class MeOut(Out):
    """Who I am here."""

    id: str
    name: str
    is_admin: bool
    csrf_token: str
    language: str | None
    mappings: list[MyMappingOut]
    demo: bool = Field(description="True where login is switched off and everybody is the local admin")


class WorstOut(Out):
    """A person's fullest quota."""

    host: str
    device: str
    percent: float | None
    status: QuotaStatus


class PeopleQuery(SortedQuery):
    """Filters of the list of people."""

    sortable = ("name", "email", "last_login_at")


class PersonOut(Out):
    """Somebody who has logged in."""

    id: str
    name: str
    email: str | None
    is_admin: bool
    last_login_at: Instant
    mappings: list[MyMappingOut]
    worst: WorstOut | None


class PeopleOut(PageOut):
    """A page of people."""

    items: list[PersonOut]


class LoginOut(Out):
    """A login that is still kept: some hours after it has ended it is forgotten."""

    at: Instant
    expires_at: Instant
    ended_at: Instant | None = Field(description="When they logged out")


class PersonDetailOut(PersonOut):
    """One person everywhere."""

    rows: list[RowOut] = Field(description="Their quotas on all hosts, the fullest first")
    logins: list[LoginOut] = Field(description="The newest first, at most 20")


class MappingsQuery(SortedQuery):
    """Filters of the list of mappings."""

    sortable = ("host", "username", "created_at")
    host: QueryText | None = None
    person: QueryText | None = None
    state: MappingState | None = None


class MappingIn(In):
    """A mapping that an admin makes."""

    person: Annotated[str, Field(min_length=1, max_length=100)]
    host: Annotated[str, Field(min_length=1, max_length=100)]
    username: Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^\s\x00-\x1f:#/][^\s\x00-\x1f:/]*$")]


class MappingOut(Out):
    """Which account on a host belongs to which person."""

    id: str
    person: PersonRefOut
    host: str
    username: str
    uid: int | None
    state: MappingState
    via: MappingVia
    created_at: Instant


class MappingsOut(PageOut):
    """A page of mappings. Those by the rule "same name" follow from logins and are not listed."""

    items: list[MappingOut]
