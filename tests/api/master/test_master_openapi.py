"""Whatever the OpenAPI document allows, and much that it forbids, is answered as it says: no 5xx, nothing undocumented.

A slave that always answers stands behind the master. Runs as admin, as a user and as nobody.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from app.bootstrap.master import master_document
from tests.fakes.people import LoggedIn, MasterWithPeople
from tests.fakes.slaves import FleetOfSlaves

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


def _without_security() -> dict[str, Any]:
    """The document without its security schemes: who calls is decided by the test, not by schemathesis."""
    document = master_document()
    document["components"].pop("securitySchemes")
    for path in document["paths"].values():
        for operation in path.values():
            operation.pop("security")
    return document


schema = schemathesis.openapi.from_dict(_without_security())


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MasterWithPeople]:
    folder: Path = tmp_path_factory.mktemp("master")
    with FleetOfSlaves(hosts=1, users=5) as slaves:
        master = MasterWithPeople(folder, slaves.entries(), LOGINS_PER_MINUTE=1_000_000)
        master.collect()
        yield master
        master.close()


@pytest.fixture(scope="module")
def people(master: MasterWithPeople) -> dict[str, LoggedIn]:
    return {"admin": master.log_in("charlie", is_admin=True), "user": master.log_in("user1003")}


@schema.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@pytest.mark.timeout(300)
@pytest.mark.parametrize("role", ["admin", "user", "nobody"])
def test_every_answer_is_documented(
    case: Case[Any], role: str, master: MasterWithPeople, people: dict[str, LoggedIn]
) -> None:
    case.operation.app = master.master.app
    headers, cookies = {"Accept-Encoding": "identity"}, {}
    if role in people:
        if case.path == "/auth/logout":
            return  # it would end the session that the other cases use; test_sessions has it
        someone = people[role]
        cookie = someone.client.get_cookie("qman_session")
        assert cookie is not None
        headers["X-CSRF-Token"], cookies["qman_session"] = someone.csrf_token, cookie.value
    response = case.call(headers=headers, cookies=cookies)
    checks = CHECKS if role == "admin" else [check for check in CHECKS if check is not negative_data_rejection]
    case.validate_response(response, checks=checks)
