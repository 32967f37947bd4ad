"""HTTP to the provider: bounded in time, size and number, never redirected, no proxy of the environment."""

import io
import threading
import time
from collections.abc import Mapping
from typing import Any

import requests
from pydantic import TypeAdapter, ValidationError
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from app.auth.oidc.deadline import TimedAdapter, cut_off_after
from app.auth.oidc.errors import ProviderUnavailableError

STEP_SECONDS = 8.0
"""What one step of a login may take in all: beginning it, or ending it."""
TIMEOUT_SECONDS = 3.0
"""For connecting, and between two pieces of an answer."""
MAX_BYTES = 2**20
AT_ONCE = 20
"""How many threads may wait for the provider: the others are for those who are logged in."""

_OBJECT = TypeAdapter(dict[str, Any])
_PIECE_BYTES = 2**16


class ProviderCalls:
    """The requests of one step of a login, all within one deadline."""

    def __init__(self, verify: str | bool, adapter: HTTPAdapter) -> None:
        self._verify = verify
        self._adapter = adapter

    def bind(self, session: requests.Session) -> None:
        """Makes a session keep the bounds."""
        session.trust_env = False
        session.verify = self._verify
        for scheme in ("http://", "https://"):
            session.mount(scheme, self._adapter)

    def get_object(self, url: str, *, access_token: str | None = None) -> dict[str, Any]:
        """The JSON object at the URL. ProviderUnavailableError."""
        headers = {"Accept": "application/json"}
        if access_token:
            headers["Authorization"] = f"Bearer {access_token}"
        try:
            with requests.Session() as session:
                self.bind(session)
                response = session.get(url, headers=headers, allow_redirects=False)
        except (requests.RequestException, OSError, ValueError) as error:
            raise ProviderUnavailableError(f"{url}: {type(error).__name__}") from error
        if response.status_code != requests.codes.ok:
            raise ProviderUnavailableError(f"{url}: status {response.status_code}")
        try:
            return _OBJECT.validate_json(response.content)
        except ValidationError as error:
            raise ProviderUnavailableError(f"{url}: not a JSON object") from error


class ProviderHttp:
    """The way to one provider. Safe to use from many threads."""

    def __init__(self, ca_file: str | None) -> None:
        self._verify: str | bool = ca_file or True
        self._slots = threading.Semaphore(AT_ONCE)

    def within(self, seconds: float = STEP_SECONDS) -> ProviderCalls:
        """Calls that are over, well or badly, that many seconds from now."""
        return ProviderCalls(self._verify, _BoundedAdapter(time.monotonic() + seconds, self._slots))


class _BoundedAdapter(TimedAdapter):
    """Reads the whole answer at once, and gives up on one that is late or large."""

    def __init__(self, deadline: float, slots: threading.Semaphore) -> None:
        super().__init__(max_retries=0)
        self._deadline = deadline
        self._slots = slots

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002 - the signature is requests'
        timeout: object = None,  # noqa: ARG002 - as above
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """As requests wants it; the body is there already. RequestException."""
        if not self._slots.acquire(blocking=False):
            raise requests.ConnectionError("too many logins wait for the provider")
        try:
            left = self._left()
            patience = min(left, TIMEOUT_SECONDS)
            with cut_off_after(left):
                response = super().send(request, True, (patience, patience), verify, cert, proxies)  # noqa: FBT003 - as above
                with response.raw as raw:
                    response.raw = io.BytesIO(self._read(raw))
        except HTTPError as error:
            raise requests.ConnectionError(type(error).__name__) from error
        else:
            return response
        finally:
            self._slots.release()

    def _read(self, raw: Any) -> bytes:
        body = bytearray()
        while piece := raw.read1(_PIECE_BYTES, decode_content=True):
            body += piece
            self._left()
            if len(body) > MAX_BYTES:
                raise requests.ConnectionError("the answer is too large")
        self._left()  # what was cut off looks like an end
        return bytes(body)

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise requests.Timeout("the provider is too slow")
        return left
