"""The use case "the master has the keys of this host changed", so that one pair is always good on both sides."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from app.auth.signatures import AcceptedKey
from app.quota.clock import Clock
from app.quota.errors import NotSupportedError, QmanError
from app.settings.files import SettingsError
from app.settings.keys import KeyPair
from app.settings.keys_file import HeldKeys, HeldPair, changing, write_keys

log = structlog.get_logger(__name__)

STILL_GOOD = timedelta(seconds=30)
"""How long dropped keys are accepted still: the master's other processes learn of the new ones within seconds."""


class KeysNotWritableError(QmanError):
    """The keys file cannot be written. Nothing was changed."""

    code = "keys_not_writable"


@dataclass(frozen=True, slots=True)
class KeyChanger:
    """Changes the keys file. Whoever signs the order keeps its pair, whatever becomes of the others."""

    host_id: str
    path: Path | None
    clock: Clock

    def offer(self, signer: AcceptedKey) -> KeyPair:
        """A new pair, accepted from now on beside the signer's; an earlier offer that nobody signs with is dropped.

        On disk before it is given. NotSupportedError: there is no keys file. KeysNotWritableError.
        """
        offered = KeyPair.new(self.host_id)

        def changed(held: HeldKeys) -> HeldKeys:
            kept = [pair for pair in held.pairs if pair.has(signer.id) or (pair.in_use and self._is_valid(pair))]
            new = HeldPair.model_validate({**offered.plain(), "in_use": False})
            return held.model_copy(update={"pairs": (*kept, new)})

        self._change(changed)
        log.info("keys_offered", key_id=offered.read.id, signer=signer.id)
        return offered

    def settle(self, signer: AcceptedKey) -> None:
        """The signer's pair is the one in use; all others are dropped. Again: nothing new.

        Where the signer's key stands in the settings, no pair is dropped. NotSupportedError, KeysNotWritableError.
        """

        def changed(held: HeldKeys) -> HeldKeys:
            if not any(pair.has(signer.id) for pair in held.pairs):
                return held
            pairs = [
                pair.model_copy(update={"until": None, "in_use": True}) if pair.has(signer.id) else self._dropped(pair)
                for pair in held.pairs
            ]
            return held.model_copy(update={"pairs": tuple(filter(self._is_valid, pairs))})

        self._change(changed)
        log.info("keys_settled", signer=signer.id)

    def _change(self, changed: Callable[[HeldKeys], HeldKeys]) -> None:
        if self.path is None:
            raise NotSupportedError("This slave has its keys in its settings alone: API_KEYS_FILE is not set.")
        try:
            with changing(self.path) as held:
                after = changed(held)
                if after != held:
                    write_keys(self.path, after)
        except SettingsError as error:
            raise KeysNotWritableError(str(error)) from error

    def _dropped(self, pair: HeldPair) -> HeldPair:
        end = self.clock() + STILL_GOOD
        return pair if pair.until is not None and pair.until <= end else pair.model_copy(update={"until": end})

    def _is_valid(self, pair: HeldPair) -> bool:
        return pair.is_valid(self.clock())
