"""The master as a host sees it that is to be enrolled: one URL, which may be wrong, or somebody else's."""

from collections.abc import Mapping
from typing import Any, TypeVar

import orjson
import requests
from pydantic import BaseModel, ValidationError
from requests import exceptions

from app.auth.signatures import SlaveAuth
from app.quota.clock import Clock
from app.settings.keys import SigningKey
from app.web.wire import Out

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
_LARGEST = 64 * 1024
_NO_MASTER = "There is no qman master at {url}: {found}. Give the URL under which the dashboard is opened."

M = TypeVar("M", bound=BaseModel)


class MasterNotReachedError(Exception):
    """Nobody answers there, or not as a master does. The text says why."""


class MasterRefusedError(Exception):
    """The master says no. `code` is that of its problem document, the text its reason."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class _Problem(Out):
    code: str
    detail: str = ""


class Master:
    """Signed calls to the master at `url`. `ca_file`: its own authority, for https."""

    def __init__(self, url: str, ca_file: str | None, clock: Clock) -> None:
        self.url = url
        self._ca_file = ca_file
        self._clock = clock
        self._session = requests.Session()
        self._session.trust_env = False

    def call(self, path: str, body: Mapping[str, Any], key: SigningKey, answer: type[M]) -> M:
        """What it answers. MasterNotReachedError, MasterRefusedError."""
        try:
            with self._session.post(
                self.url + path,
                data=orjson.dumps(dict(body)),
                headers={"Content-Type": "application/json"},
                auth=SlaveAuth(key, self._clock),
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
                verify=self._ca_file or True,
            ) as response:
                content = response.raw.read(_LARGEST, decode_content=True)
        except exceptions.SSLError as error:
            raise MasterNotReachedError(
                f"The certificate of {self.url} is not accepted. Name its authority by --ca-file."
            ) from error
        except (exceptions.RequestException, OSError, ValueError) as error:
            raise MasterNotReachedError(f"{self.url} cannot be reached: {_plain(error)}") from error
        return self._read(response.status_code, content, answer)

    def _read(self, status: int, content: bytes, answer: type[M]) -> M:
        if 300 <= status < 400:  # noqa: PLR2004 - redirects
            raise MasterNotReachedError(_NO_MASTER.format(url=self.url, found="it answers with a redirect"))
        try:
            if status == requests.codes.ok:
                return answer.model_validate_json(content)
            problem = _Problem.model_validate_json(content)
        except ValidationError as error:
            found = f"what answers (status {status}) is something else"
            raise MasterNotReachedError(_NO_MASTER.format(url=self.url, found=found)) from error
        if problem.code in {"not_found", "method_not_allowed"}:
            found = "what answers is a slave, or an older master"
            raise MasterNotReachedError(_NO_MASTER.format(url=self.url, found=found))
        raise MasterRefusedError(problem.code, _printable(problem.detail or problem.code))


def _plain(error: Exception) -> str:
    text = str(error)
    for sign, told in (
        ("Connection refused", "connection refused"),
        ("NameResolutionError", "no host of this name"),
        ("timed out", "no answer in time"),
        ("No route to host", "no route to it"),
    ):
        if sign in text:
            return told
    return type(error).__name__


def _printable(text: str) -> str:
    """What another side sent, fit for a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)[:500]
