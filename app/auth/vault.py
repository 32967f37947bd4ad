"""Secrets at rest: sealed in the database, with a key that is not in the database."""

import base64
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.quota.errors import QmanError

log = structlog.get_logger(__name__)

SHORTEST_KEY = 32


class SecretsKeyLostError(QmanError):
    """What is stored cannot be opened: the key is missing, or another one than it was sealed with."""

    code = "secrets_key_lost"


class Vault:
    """Seals and opens small JSON objects (Fernet: AES-CBC and HMAC-SHA256, cryptography.io/fernet).

    The first key seals, each of them opens. The key file has one key a line; it is made at the first sealing, mode
    0600, and only where nothing was sealed before.
    """

    def __init__(self, key: str | None, key_file: Path) -> None:
        """`key` from the settings is enough; without it the file counts. Nothing is read or made before it is used."""
        self._key = key
        self._key_file = key_file
        self._known: MultiFernet | None = None

    def seal(self, content: dict[str, Any], *, is_first: bool = False) -> str:
        """The content as a token, for the database alone. SecretsKeyLostError.

        `is_first`: nothing was ever sealed in this database, so that a missing key file is made.
        """
        if is_first and self._key is None:
            self._make_key_file()
        return self._fernet().encrypt(json.dumps(content).encode()).decode("ascii")

    def open(self, token: str) -> dict[str, Any]:
        """What was sealed. SecretsKeyLostError."""
        try:
            content: dict[str, Any] = json.loads(self._fernet().decrypt(token.encode("ascii")))
        except InvalidToken as error:
            raise SecretsKeyLostError(
                f"The stored keys of hosts were sealed with another key than {self._where()} has. Put that one back, or"
                " enrol the hosts again."
            ) from error
        return content

    def _fernet(self) -> MultiFernet:
        if self._known is None:
            self._known = MultiFernet([Fernet(_fernet_key(key)) for key in self._keys()])
        return self._known

    def _keys(self) -> Sequence[str]:
        if self._key is not None:
            return [self._key]
        try:
            text = self._key_file.read_text(encoding="utf-8")
        except OSError as error:
            raise self._lost(f"cannot be read ({error.strerror})") from error
        keys = [line.strip() for line in text.splitlines() if line.strip()]
        if not keys or min(map(len, keys)) < SHORTEST_KEY:
            raise self._lost(f"has no key of {SHORTEST_KEY} characters or more on each line")
        return keys

    def _lost(self, what: str) -> SecretsKeyLostError:
        return SecretsKeyLostError(
            f"{self._key_file}, whose key opens the stored keys of hosts, {what}. Put it back, or enrol them again."
        )

    def _where(self) -> str:
        return "SECRETS_KEY" if self._key is not None else str(self._key_file)

    def _make_key_file(self) -> None:
        """Whole or not at all, and never in place of another process's."""
        if self._key_file.exists():
            return
        new = self._key_file.with_name(f".{self._key_file.name}.{os.getpid()}")
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
                file.write(f"{base64.urlsafe_b64encode(os.urandom(48)).decode('ascii')}\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(new, self._key_file)
            except FileExistsError:
                return  # another process was faster by a moment
            finally:
                new.unlink()
        except OSError as error:
            raise self._lost(f"cannot be made ({error.strerror})") from error
        log.info("secrets_key_made", file=str(self._key_file))


def _fernet_key(text: str) -> bytes:
    derived = HKDF(hashes.SHA256(), length=32, salt=None, info=b"qman secrets at rest").derive(text.encode())
    return base64.urlsafe_b64encode(derived)
