"""A request as its signature sees it: what stood on the wire, before any decoding."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """Method, absolute URL, header fields and body of a request, for `http_message_signatures`."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def from_environ(cls, environ: Mapping[str, Any], body: bytes, *, base_path: str = "") -> "SignedMessage":
        """The request of a WSGI environ. `base_path` is what a proxy in front took off the path."""
        host = environ.get("HTTP_HOST") or f"{environ.get('SERVER_NAME', '')}:{environ.get('SERVER_PORT', '')}"
        headers = {
            name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")
        }
        for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            if environ.get(name):
                headers[name.replace("_", "-").lower()] = environ[name]
        url = f"{environ['wsgi.url_scheme']}://{host}{base_path}{_raw_target(environ)}"
        return cls(environ["REQUEST_METHOD"].upper(), url, headers, body)

    def other_scheme(self) -> "SignedMessage":
        """The same request with https for http or the other way round: a proxy in front ends TLS."""
        scheme, separator, rest = self.url.partition("://")
        return replace(self, url=f"{'http' if scheme == 'https' else 'https'}{separator}{rest}")


def _raw_target(environ: Mapping[str, Any]) -> str:
    """Path and query as they came: gunicorn's RAW_URI or Werkzeug's REQUEST_URI, in origin or absolute form."""
    raw = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or "")
    if not raw:
        path = quote(str(environ.get("PATH_INFO", "/")).encode("latin-1"), safe="/:@!$&'()*+,;=-._~")
        query = str(environ.get("QUERY_STRING", ""))
        return f"{path}?{query}" if query else path
    if not raw.startswith("/"):
        after_scheme = raw.partition("://")[2]
        slash = after_scheme.find("/")
        raw = after_scheme[slash:] if slash >= 0 else "/"
    return raw.partition("#")[0]
