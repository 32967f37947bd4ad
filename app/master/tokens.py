"""The use cases of API tokens: made, listed and revoked by their owners, listed and revoked by admins."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog

from app.auth.bearer import token_hash
from app.auth.caller import Caller
from app.auth.errors import ForbiddenError, TokenNotFoundError, TooManyTokensError
from app.auth.token_text import SHOWN_LENGTH, new_token
from app.db.engine import Database
from app.db.repositories.audit import AuditRecord, AuditRepository
from app.db.repositories.people import PersonRepository
from app.db.repositories.tokens import ApiToken, ApiTokenRepository
from app.master.wire.tokens import (
    NewTokenOut,
    OwnedTokenOut,
    OwnedTokensOut,
    TokenIn,
    TokenOut,
    TokensOut,
    TokensQuery,
)
from app.quota.clock import Clock
from app.quota.errors import FieldFault, InvalidInputError
from app.web.wire import iso_utc

log = structlog.get_logger(__name__)

LONGEST = timedelta(days=366)
DEFAULT = timedelta(days=90)
SHOWN_AFTER_EXPIRY = timedelta(days=30)
"""So long an expired token stays in its owner's list, for them to see why a script fails."""
MOST_OF_ONE_PERSON = 50


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes and revokes API tokens. Each change has its audit entry; the token itself stands nowhere."""

    database: Database
    clock: Clock

    def mine(self, caller: Caller) -> TokensOut:
        """All tokens of the caller."""
        now = self.clock()
        with self.database.read() as connection:
            found = ApiTokenRepository(connection).of_person(caller.person.id)
        items = [TokenOut.model_validate(_members(token, now)) for token in found]
        return TokensOut(items=items, total=len(items), page=1, page_size=MOST_OF_ONE_PERSON)

    def page(self, query: TokensQuery) -> OwnedTokensOut:
        """A page of everybody's tokens, the newest first where no order is given."""
        now = self.clock()
        with self.database.read() as connection:
            found, total = ApiTokenRepository(connection).page(
                query.person, query.q, query.order, limit=query.page_size, offset=(query.page - 1) * query.page_size
            )
        items = [
            OwnedTokenOut.model_validate(
                {
                    **_members(listed.token, now),
                    "person": {"id": listed.token.person_id, "name": listed.person_name},
                }
            )
            for listed in found
        ]
        return OwnedTokensOut(items=items, total=total, page=query.page, page_size=query.page_size)

    def add(self, caller: Caller, wanted: TokenIn) -> NewTokenOut:
        """A new token of the caller. ForbiddenError, InvalidInputError, TooManyTokensError."""
        if "admin" in wanted.scopes and not caller.person.is_admin:
            raise ForbiddenError("Only admins may make tokens with the scope admin.")
        now = self.clock()
        text, person_id = new_token(), caller.person.id
        token = ApiToken(
            id=str(uuid4()),
            person_id=person_id,
            secret_hash=token_hash(text),
            prefix=text[:SHOWN_LENGTH],
            name=wanted.name,
            scopes=" ".join(wanted.scopes),
            created_at=now,
            expires_at=_expiry(wanted, now),
            last_used_at=None,
        )
        with self.database.write() as connection:
            PersonRepository(connection).lock()  # so that of two at once only one is the last that fits
            tokens = ApiTokenRepository(connection)
            tokens.delete_expired(person_id, now - SHOWN_AFTER_EXPIRY)
            if len(tokens.of_person(person_id)) >= MOST_OF_ONE_PERSON:
                raise TooManyTokensError(f"One person has at most {MOST_OF_ONE_PERSON} API tokens.")
            tokens.add(token)
            AuditRepository(connection).add(_entry(caller, token, "create_token", now))
        log.info("token_made", token=token.id, person=person_id, scopes=token.scopes)
        return NewTokenOut.model_validate({**_members(token, now), "token": text})

    def revoke(self, caller: Caller, token_id: str, *, of_anybody: bool = False) -> None:
        """Ends a token at once, everywhere. TokenNotFoundError, for somebody else's too unless `of_anybody`."""
        with self.database.write() as connection:
            tokens = ApiTokenRepository(connection)
            token = tokens.find(token_id)
            if token is None or not (of_anybody or token.person_id == caller.person.id):
                raise TokenNotFoundError("There is no API token of this id.")
            tokens.delete(token_id)
            AuditRepository(connection).add(_entry(caller, token, "revoke_token", self.clock()))
        log.info("token_revoked", token=token_id, person=token.person_id, by=caller.person.id)


def _expiry(wanted: TokenIn, now: datetime) -> datetime:
    if wanted.expires_at is None:
        return now + DEFAULT
    if now < wanted.expires_at <= now + LONGEST:
        return wanted.expires_at
    fault = FieldFault("expires_at", iso_utc(wanted.expires_at), f"an instant within the next {LONGEST.days} days")
    raise InvalidInputError("The token would end in the past, or too late.", fields=[fault])


def _members(token: ApiToken, now: datetime) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "prefix": token.prefix,
        "scopes": token.scopes.split(),
        "state": "active" if token.expires_at > now else "expired",
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
    }


def _entry(caller: Caller, token: ApiToken, action: str, now: datetime) -> AuditRecord:
    stands = {"person": token.person_id, "scopes": token.scopes.split(), "expires_at": iso_utc(token.expires_at)}
    return AuditRecord(
        id=str(uuid4()),
        at=now,
        actor_id=caller.person.id,
        actor_name=caller.person.name,
        via=caller.via,
        action=action,
        host_id=None,
        device=None,
        quota_type=None,
        target_id=token.id,
        target_name=token.name,
        before=stands if action == "revoke_token" else None,
        after=stands if action == "create_token" else None,
        reason="",
        origin=caller.origin,
        outcome="applied",
    )
