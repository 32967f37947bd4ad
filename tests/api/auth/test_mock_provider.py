"""The mock provider: what it grants, what it refuses, how much it remembers, and how it runs as a program."""

import base64
import hashlib
import json
import signal
import socket
from pathlib import Path

import pytest
import requests
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey

from app.auth.mock_provider.grants import MOST, Authorization, Grants
from app.auth.mock_provider.routes import MockProvider, make_app
from tests.api.auth.providers import USERS
from tests.fakes.fleet_database import HandClock
from tests.fakes.ports import free_port, is_free
from tests.system.stack.programs import ROOT, Program

END_SECONDS = 30
ISSUER = "http://localhost:8077"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BACK = "http://localhost:8436/auth/callback"
ASKED = {
    "response_type": "code",
    "client_id": "qman",
    "redirect_uri": BACK,
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "nonce": "n",
    "state": "s&<>",
}


@pytest.fixture
def client(clock: HandClock) -> FlaskClient:
    key = ECKey.generate_key("P-256", auto_kid=True)
    return make_app(MockProvider(ISSUER, USERS, Grants(clock), key, clock)).test_client()


def code_for(client: FlaskClient, **changes: str) -> str:
    sent = client.get("/authorize", query_string=ASKED | {"user_id": "2"} | changes)
    assert sent.status_code == 302
    return str(sent.headers["Location"].split("code=")[1].split("&")[0])


def exchange(client: FlaskClient, code: str, **changes: str) -> dict[str, str]:
    form = {"grant_type": "authorization_code", "redirect_uri": BACK, "client_id": "qman", "code_verifier": VERIFIER}
    answer = client.post("/token", data=form | {"code": code} | changes)
    assert answer.status_code in {200, 400}
    found = answer.get_json()
    assert isinstance(found, dict)
    assert (answer.status_code == 400) == (found.get("error") == "invalid_grant")
    return found


def test_a_code_gives_tokens_and_the_token_the_claims(client: FlaskClient) -> None:
    tokens = exchange(client, code_for(client))
    key = ECKey.import_key(client.get("/jwks.json").get_json()["keys"][0])
    claims = jwt.decode(tokens["id_token"], key, algorithms=["ES256"]).claims
    assert (claims["iss"], claims["aud"], claims["nonce"], claims["sub"]) == (ISSUER, "qman", "n", "mock-2")
    info = client.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}).get_json()
    assert (info["sub"], info["groups"]) == ("mock-2", ["users", "admin"])


def test_its_keys_are_public(client: FlaskClient) -> None:
    assert "d" not in client.get("/jwks.json").get_json()["keys"][0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"client_id": "another"},
        {"redirect_uri": "http://localhost:1/"},
        {"grant_type": "password"},
    ],
)
def test_a_code_that_does_not_fit_gives_nothing(client: FlaskClient, wrong: dict[str, str]) -> None:
    code = code_for(client)
    assert "error" in exchange(client, code, **wrong)
    assert "error" in exchange(client, code), "asking used it up"


def test_a_code_that_nobody_gave_gives_nothing(client: FlaskClient) -> None:
    assert "error" in exchange(client, "made-up")


def test_a_code_is_used_once_and_soon(client: FlaskClient, clock: HandClock) -> None:
    used, old = code_for(client), code_for(client)
    assert "id_token" in exchange(client, used)
    assert "error" in exchange(client, used)
    clock.forward(60)
    assert "error" in exchange(client, old)


def test_access_tokens_expire(client: FlaskClient, clock: HandClock) -> None:
    header = {"Authorization": f"Bearer {exchange(client, code_for(client))['access_token']}"}
    clock.forward(299)
    assert client.get("/userinfo", headers=header).status_code == 200
    clock.forward(1)
    assert client.get("/userinfo", headers=header).status_code == 401
    assert client.get("/userinfo").status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "http://localhost.evil.example/"},
        {"redirect_uri": "javascript://localhost/%0aalert(1)"},
        {"redirect_uri": "http://["},
        {"redirect_uri": "http://localhost/\r\nX: y"},
        {"redirect_uri": ""},
        {"response_type": "token"},
        {"code_challenge": ""},
        {"code_challenge_method": "plain"},
    ],
)
def test_requests_that_no_master_makes_are_refused(client: FlaskClient, wrong: dict[str, str]) -> None:
    answer = client.get("/authorize", query_string=ASKED | {"user_id": "1"} | wrong)
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")


@pytest.mark.parametrize("user_id", ["9", "", "0", "-1", "01", "alice", "<script>"])
def test_users_that_are_not_there_get_the_page(client: FlaskClient, user_id: str) -> None:
    page = client.get("/authorize", query_string=ASKED | {"user_id": user_id})
    assert page.status_code == 200
    assert "<script" not in page.get_data(as_text=True)
    assert "s&amp;&lt;&gt;" in page.get_data(as_text=True)


def test_it_remembers_a_bounded_number(clock: HandClock) -> None:
    grants, asked = Grants(clock), Authorization("qman", BACK, None, CHALLENGE)
    first = grants.give_code(USERS.users[0], asked)
    codes = [grants.give_code(USERS.users[0], asked) for _ in range(MOST)]

    def taken(code: str) -> bool:
        return grants.take_code(code, client_id="qman", redirect_uri=BACK, verifier=VERIFIER) is not None

    assert not taken(first)
    assert taken(codes[0])
    assert taken(codes[-1])


def program(folder: Path, arguments: str) -> Program:
    """The mock provider as one starts it, from the checkout's own code."""
    return Program(f"python -m app.auth.mock_provider {arguments}", folder, {"PYTHONPATH": str(ROOT)})


@pytest.fixture
def users(tmp_path: Path) -> Path:
    file = tmp_path / "oauth.mock.config.json"
    file.write_text(json.dumps({"users": [{"id": 1, "name": "alice"}]}), encoding="utf-8")
    return file


def test_as_a_program_it_serves_and_ends_when_told(tmp_path: Path, users: Path) -> None:
    port = free_port()
    with program(tmp_path, f"--port {port}") as running:
        url = f"http://localhost:{port}"
        running.wait_for(f"{url}/.well-known/openid-configuration")
        assert requests.get(f"{url}/.well-known/openid-configuration", timeout=30).json()["issuer"] == url
        running.send(signal.SIGTERM)
        assert running.wait(END_SECONDS) == 0
        assert running.complained == ""
        assert is_free(port)


def test_it_ends_by_ctrl_c_without_a_word(tmp_path: Path, users: Path) -> None:
    port = free_port()
    with program(tmp_path, f"--port {port}") as running:
        running.wait_for(f"http://localhost:{port}/jwks.json")
        running.send(signal.SIGINT)
        assert running.wait(END_SECONDS) == 0
        assert running.complained == ""


def test_a_port_in_use_is_one_line_and_status_1(tmp_path: Path, users: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with program(tmp_path, f"--port {port}") as running:
            assert running.wait(END_SECONDS) == 1
            assert running.complained == f"mock provider: cannot listen on 127.0.0.1:{port}: Address already in use\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "the file is missing"),
        ("{", "is not JSON"),
        ("[]", "found list, expected a JSON object"),
        ('{"users": []}', "users: found a list of 0"),
        ('{"users": [{"id": "1", "name": "a"}]}', 'users.0.id: found "1"'),
        ('{"users": [{"id": 1}]}', "users.0.name: found nothing"),
        ('{"users": [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]}', "users: each id once"),
        ('{"users": [{"id": 1, "name": "a", "admin": true}]}', "users.0.admin: found an unknown key"),
    ],
)
def test_bad_users_are_one_line_and_status_2(tmp_path: Path, text: str | None, said: str) -> None:
    file = tmp_path / "users.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with program(tmp_path, f"--port {free_port()} --config {file}") as running:
        assert running.wait(END_SECONDS) == 2
        assert running.complained.startswith(f"mock provider: {file}: ")
        assert said in running.complained
        assert running.complained.count("\n") == 1


@pytest.mark.parametrize("port", ["0", "65536", "-1", "x"])
def test_what_is_no_port_is_said(tmp_path: Path, users: Path, port: str) -> None:
    with program(tmp_path, f"--port={port}") as running:
        assert running.wait(END_SECONDS) == 2
        assert "expected 1 to 65535" in running.complained
        assert "Traceback" not in running.complained
