"""Who somebody is: `iss` and `sub`, nothing else."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

import structlog

from app.db.repositories.people import Person, PersonRepository

log = structlog.get_logger(__name__)

LOCAL_ISSUER = "local"
"""The issuer of the one person there is where login is switched off."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a provider says of somebody."""

    issuer: str
    subject: str
    username: str | None
    email: str | None
    is_admin: bool
    name: str | None = None
    """What to call them, where that is not the login name."""


LOCAL_ADMIN = Identity(LOCAL_ISSUER, "demo", None, None, is_admin=True, name="admin")
"""Has no login name: an account called admin stays free for whoever really logs in as that."""

LONGEST_TEXT = 256


def cleaned(claim: object) -> str | None:
    """The text of a claim for people to read: visible characters, at most 256; None where there is none."""
    if not isinstance(claim, str):
        return None
    return "".join(character for character in claim if character.isprintable()).strip()[:LONGEST_TEXT] or None


def login_name(claim: object) -> str | None:
    """A claim as a login name: as it stands or not at all, since what is cleaned may become somebody else's."""
    return claim if isinstance(claim, str) and claim == cleaned(claim) else None


def sign_in(people: PersonRepository, identity: Identity, now: datetime) -> Person:
    """The person of this identity, new or known, with what the provider says of them now.

    The login name counts for the rule "same name" only for the first person who comes with it.
    """
    people.lock()  # so that the first of two who come at once is the first
    known = people.find_by_subject(identity.issuer, identity.subject)
    name = identity.name or identity.username or identity.email or identity.subject[:LONGEST_TEXT]
    person = replace(
        known
        or Person(
            id=str(uuid4()),
            issuer=identity.issuer,
            subject=identity.subject,
            name=name,
            email=None,
            is_admin=False,
            language=None,
            username=None,
            matched_name=None,
            last_login_at=now,
            created_at=now,
        ),
        name=name,
        email=identity.email,
        is_admin=identity.is_admin,
        username=identity.username,
        last_login_at=now,
    )
    person = replace(person, matched_name=_matched_name(people, person))
    if known is None:
        people.add(person)
    else:
        people.put(person)
    log.info("logged_in", person=person.id, is_admin=person.is_admin, new=known is None)
    return person


def _matched_name(people: PersonRepository, person: Person) -> str | None:
    if person.username is None:
        return None
    holder = people.find_by_matched_name(person.username)
    if holder is not None and holder.id != person.id:
        log.warning("login_name_taken", person=person.id, holder=holder.id)
        return None
    return person.username
