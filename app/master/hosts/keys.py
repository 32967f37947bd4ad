"""The keys of an enrolled host as the database keeps them: those in use, and those of a rotation under way."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from app.auth.vault import Vault
from app.settings.keys import KeyPair, SigningKey


@dataclass(frozen=True, slots=True)
class HostKeys:
    """`next` is offered by the slave and not in use yet; `previous` is accepted for events until the slave drops it."""

    current: KeyPair
    next: KeyPair | None = None
    previous: KeyPair | None = None

    @classmethod
    def opened(cls, token: str, vault: Vault) -> Self:
        """SecretsKeyLostError."""
        return cls(**{name: KeyPair.model_validate(pair) for name, pair in vault.open(token).items()})

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
