"""HTTP to the provider: bounded in time and size, never redirected, never through a proxy of the environment."""

from typing import Any

import requests
from pydantic import TypeAdapter, ValidationError

from app.auth.oidc.errors import ProviderUnavailableError

TIMEOUT_SECONDS = (3.0, 3.0)
MAX_BYTES = 2**20

_OBJECT = TypeAdapter(dict[str, Any])


class ProviderHttp:
    """Fetches JSON objects."""

    def __init__(self, ca_file: str | None) -> None:
        self.verify: str | bool = ca_file or True

    def get_object(self, url: str, *, access_token: str | None = None) -> dict[str, Any]:
        """The JSON object at the URL. ProviderUnavailableError."""
        headers = {"Authorization": f"Bearer {access_token}"} if access_token else {}
        try:
            with requests.Session() as session:
                session.trust_env = False
                response = session.get(
                    url,
                    headers=headers,
                    timeout=TIMEOUT_SECONDS,
                    allow_redirects=False,
                    verify=self.verify,
                    stream=True,
                )
                with response:
                    body = response.raw.read(MAX_BYTES + 1, decode_content=True)
        except (requests.RequestException, OSError) as error:
            raise ProviderUnavailableError(f"{url}: {type(error).__name__}") from error
        if response.status_code != requests.codes.ok or len(body) > MAX_BYTES:
            raise ProviderUnavailableError(f"{url}: status {response.status_code}, {len(body)} bytes")
        try:
            return _OBJECT.validate_json(body)
        except ValidationError as error:
            raise ProviderUnavailableError(f"{url}: not a JSON object") from error
