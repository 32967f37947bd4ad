"""Who is calling."""

from dataclasses import dataclass, field
from typing import Literal

from app.db.repositories.people import Person


@dataclass(frozen=True, slots=True)
class CallerToken:
    """The API token that a call came with, as the audit trail names it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Caller:
    """A person, how they are known, and where they call from (an address, for the audit trail).

    By a token there is no session, and no token against forgery: it is empty then.
    """

    person: Person
    csrf_token: str = field(repr=False)
    via: Literal["session", "token", "system"]
    origin: str
    session_hash: str | None = field(default=None, repr=False)
    token: CallerToken | None = None
