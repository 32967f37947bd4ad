"""The keys of an enrolled host as the database keeps them: those in use, and those of a rotation under way."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

from app.auth.vault import Vault
from app.settings.keys import SigningKey


@dataclass(frozen=True, slots=True)
class HostKeyPair:
    """What master and slave share: keys to read, to write, and to sign events with. All three change together."""

    read: SigningKey
    write: SigningKey
    event: SigningKey

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Self:
        """From what `plain` gave."""
        return cls(**{name: SigningKey.model_validate(plain[name]) for name in ("read", "write", "event")})

    def plain(self) -> dict[str, Any]:
        """With the secrets: for sealing alone."""
        keys = {"read": self.read, "write": self.write, "event": self.event}
        return {name: {"id": key.id, "secret": key.secret.get_secret_value()} for name, key in keys.items()}


@dataclass(frozen=True, slots=True)
class HostKeys:
    """`next` is offered to the slave and not in use yet; `previous` is accepted for events until the slave drops it."""

    current: HostKeyPair
    next: HostKeyPair | None = None
    previous: HostKeyPair | None = None

    @classmethod
    def opened(cls, token: str, vault: Vault) -> Self:
        """SecretsKeyLostError."""
        plain = vault.open(token)
        return cls(**{name: HostKeyPair.of(pair) for name, pair in plain.items() if pair is not None})

    def sealed(self, vault: Vault) -> str:
        """For the database. SecretsKeyLostError."""
        pairs = {"current": self.current, "next": self.next, "previous": self.previous}
        return vault.seal({name: pair.plain() for name, pair in pairs.items() if pair is not None})

    def promoted(self) -> "HostKeys":
        """With the next pair in use."""
        return self if self.next is None else HostKeys(self.next, None, self.current)

    def settled(self) -> "HostKeys":
        """After the slave dropped the pair before."""
        return replace(self, previous=None)

    def event_keys(self) -> Iterator[SigningKey]:
        """All that the slave may sign events with now."""
        for pair in (self.current, self.next, self.previous):
            if pair is not None:
                yield pair.event
