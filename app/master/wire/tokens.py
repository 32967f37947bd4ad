"""API tokens as people see them."""

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field

from app.auth.scopes import SCOPES, Scope
from app.master.wire.pages import PageOut, SortedQuery
from app.master.wire.rows import PersonRefOut
from app.web.wire import In, Instant, Out, QueryText


def _visible(name: str) -> str:
    if not name.isprintable() or not name.strip():
        message = "a name of visible characters"
        raise ValueError(message)
    return name.strip()


def _each_once(scopes: list[Scope]) -> list[Scope]:
    return [scope for scope in SCOPES if scope in scopes]


class TokenIn(In):
    """A token to make. `expires_at` is at most 366 days ahead; 90 days where it is left out."""

    name: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_visible)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=10), AfterValidator(_each_once)] = Field(
        description="read: what is mine; write: change it, and read; admin: what admins see, and with write change. "
        "admin alone is all three"
    )
    expires_at: AwareDatetime | None = None


class TokenOut(Out):
    """A token, without itself: only its first characters are kept readable."""

    id: str
    name: str
    prefix: str
    scopes: list[Scope]
    state: Literal["active", "expired"]
    created_at: Instant
    expires_at: Instant
    last_used_at: Instant | None = Field(description="To the minute; null before the first use")


class NewTokenOut(TokenOut):
    """A token that was made now. `token` is told this once."""

    token: str = Field(repr=False)


class TokensOut(PageOut):
    """All my tokens, the newest first."""

    items: list[TokenOut]


class TokensQuery(SortedQuery):
    """Filters of the list of everybody's tokens."""

    sortable = ("person", "name", "created_at", "expires_at", "last_used_at")
    person: QueryText | None = Field(default=None, description="The person's id")


class OwnedTokenOut(TokenOut):
    """A token, and whose it is."""

    person: PersonRefOut


class OwnedTokensOut(PageOut):
    """A page of everybody's tokens."""

    items: list[OwnedTokenOut]
