"""People, their sessions and API tokens, and logins under way."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class PersonRow(Base):
    """Somebody who has logged in: the provider's `iss` and `sub` tell people apart, nothing else does."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("issuer", "subject"), Index("ix_person_name", "name"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(256))
    email: Mapped[str | None] = mapped_column(String(320))
    is_admin: Mapped[bool]
    language: Mapped[str | None] = mapped_column(String(10))
    username: Mapped[str | None] = mapped_column(String(256))
    matched_name: Mapped[str | None] = mapped_column(String(256), unique=True)
    """The login name that the rule "same name" goes by: the first who logs in with it has it, a namesake has none."""
    last_login_at: Mapped[datetime]
    created_at: Mapped[datetime]


class SessionRow(Base):
    """A login that lasts; the cookie holds a random id, the database only its SHA-256."""

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_person_id", "person_id"), Index("ix_session_expires_at", "expires_at"))

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LoginAttemptRow(Base):
    """A login that was begun: used once, by the browser that began it."""

    __tablename__ = "login_attempt"
    __table_args__ = (Index("ix_login_attempt_expires_at", "expires_at"),)

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    browser_hash: Mapped[str] = mapped_column(String(64))
    nonce: Mapped[str] = mapped_column(String(100))
    code_verifier: Mapped[str] = mapped_column(String(128))
    return_to: Mapped[str] = mapped_column(String(2000))
    expires_at: Mapped[datetime]


class ApiTokenRow(Base):
    """An API token of a person; they hold the token, the database only its SHA-256. A revoked one has no row."""

    __tablename__ = "api_token"
    __table_args__ = (Index("ix_api_token_person_id", "person_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    prefix: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[str] = mapped_column(String(50))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
