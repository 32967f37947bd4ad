"""What a signature covers is what stood on the wire."""

from typing import Any

import pytest

from app.auth.signatures import SignedMessage
from tests.unit.auth_signatures.signing import Way, sign, verifier

HOST = "slave.test:8437"
BASE = "/slaves/h1"


def environ(**changes: Any) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "wsgi.url_scheme": "http",
        "HTTP_HOST": HOST,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8437",
        "PATH_INFO": "/remote-api/quotas",
        "QUERY_STRING": "",
        **changes,
    }


@pytest.mark.parametrize(
    ("found", "url"),
    [
        ({"RAW_URI": "/a/%2e%2E/b?x=%2Fdev"}, "/a/%2e%2E/b?x=%2Fdev"),
        ({"REQUEST_URI": "/a?"}, "/a?"),
        ({"RAW_URI": "http://elsewhere/a?b"}, "/a?b"),
        ({"RAW_URI": "http://elsewhere"}, "/"),
        ({"RAW_URI": "/a#fragment"}, "/a"),
        ({"PATH_INFO": "/a b/\xc3\xa9", "QUERY_STRING": "x=1"}, "/a%20b/%C3%A9?x=1"),
        ({}, "/remote-api/quotas"),
    ],
)
def test_the_raw_target_is_taken(found: dict[str, str], url: str) -> None:
    assert SignedMessage.from_environ(environ(**found), b"").url == f"http://{HOST}{url}"


def test_without_a_host_header_the_server_is_the_host() -> None:
    assert SignedMessage.from_environ(environ(HTTP_HOST=""), b"").url == "http://127.0.0.1:8437/remote-api/quotas"


def test_header_fields() -> None:
    found = SignedMessage.from_environ(environ(HTTP_SIGNATURE_INPUT="a", CONTENT_TYPE="b", CONTENT_LENGTH=""), b"")
    assert found.headers == {"host": HOST, "signature-input": "a", "content-type": "b"}


@pytest.mark.parametrize("covered", [("@method", "@path", "@query"), ("@method", "@target-uri")])
def test_the_path_that_a_proxy_took_off_is_covered(covered: tuple[str, ...]) -> None:
    way = Way(covered=covered, method="GET", body=None, url=f"https://{HOST}{BASE}/remote-api/quotas?a=%20")
    headers = sign(way).headers
    signature = {"HTTP_SIGNATURE": headers["Signature"], "HTTP_SIGNATURE_INPUT": headers["Signature-Input"]}
    received = environ(RAW_URI="/remote-api/quotas?a=%20", **signature)
    assert verifier().verify(SignedMessage.from_environ(received, b"", base_path=BASE)).id == "w1"
