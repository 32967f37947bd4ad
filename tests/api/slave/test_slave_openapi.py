"""Whatever the OpenAPI document allows, and much that it forbids, is answered as it says: no 5xx, nothing undocumented.

Every call is signed in between, with a key that may write; what signatures refuse has its tests elsewhere.
"""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from requests import PreparedRequest
from requests.structures import CaseInsensitiveDict
from schemathesis import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance

from app.auth.signatures import SignedMessage, sign_request
from app.bootstrap.slave import slave_document
from tests.fakes.slave_app import WRITE, SlaveUnderTest, empty_database, start_slave

EXCLUDED: list[Any] = [
    positive_data_acceptance,  # any device name fits the document, and one that never was is 404 by the contract
]


class SigningApp:
    """Signs each request on its way to the slave, as a caller with the key WRITE would."""

    def __init__(self, slave: SlaveUnderTest) -> None:
        self._slave = slave
        self._app: WSGIApplication = slave.app.wsgi_app

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        message = SignedMessage.from_environ(environ, body)
        request = PreparedRequest()
        request.method, request.url, request.body = message.method, message.url, body
        request.headers = CaseInsensitiveDict()
        sign_request(request, WRITE, self._slave.clock.now)
        signature = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
        return self._app({**environ, **signature, "wsgi.input": BytesIO(body)}, start_response)


def _without_security() -> dict[str, Any]:
    """The document without its security schemes: the signing app is the one who calls."""
    document = slave_document()
    document["components"].pop("securitySchemes")
    for path in document["paths"].values():
        for operation in path.values():
            operation.pop("security")
    return document


schema = schemathesis.openapi.from_dict(_without_security())


@pytest.fixture(scope="module", params=["host1", "host4"])
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SigningApp:
    folder: Path = tmp_path_factory.mktemp("slave")
    return SigningApp(start_slave(empty_database(folder), host=request.param))


@schema.parametrize()
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@pytest.mark.timeout(300)
def test_every_answer_is_documented(case: Case[Any], app: SigningApp) -> None:
    case.operation.app = app
    response = case.call(headers={"Accept-Encoding": "identity"})
    case.validate_response(response, excluded_checks=EXCLUDED)


@schema.include(path_regex="^/remote-api/quotas").parametrize()
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@pytest.mark.timeout(300)
def test_every_answer_about_a_device_that_is_there_is_documented(case: Case[Any], app: SigningApp) -> None:
    case.operation.app = app
    if "device" in (case.query or {}):
        case.query["device"] = "/dev/sda1"
    response = case.call(headers={"Accept-Encoding": "identity"})
    case.validate_response(response, excluded_checks=EXCLUDED)
