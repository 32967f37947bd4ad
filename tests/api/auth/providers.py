"""Providers on loopback: the mock provider in a thread, and one that lies in whatever way it is told."""

import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey
from werkzeug.serving import make_server

from app.auth.mock_provider.grants import Grants
from app.auth.mock_provider.routes import MockProvider, make_app
from app.auth.mock_provider.users import MockUser, MockUsers
from app.quota.clock import Clock

LOOPBACK = "127.0.0.1"
CODE = "the-code-of-the-provider-5f1d"
ACCESS_TOKEN = "the-access-token-of-the-provider-77aa"
USERS = MockUsers(
    users=[
        MockUser(id=1, name="alice", email="alice@example.org", groups=["users"]),
        MockUser(id=2, name="charlie", email="charlie@example.org", groups=["users", "admin"]),
        MockUser(id=3, name="bob"),
    ]
)


@contextmanager
def served(make: Callable[[str], Flask]) -> Iterator[str]:
    """The app that `make` gives for its own URL, in a thread on a free port."""
    listener = socket.create_server((LOOPBACK, 0))
    url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    server = make_server(LOOPBACK, listener.getsockname()[1], make(url), threaded=True, fd=listener.fileno())
    listener.close()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield url
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


@contextmanager
def mock_provider(clock: Clock) -> Iterator[str]:
    """The mock provider with alice, charlie and bob; gives its URL."""
    key = ECKey.generate_key("P-256", auto_kid=True)
    with served(lambda url: make_app(MockProvider(url, USERS, Grants(clock), key, clock))) as url:
        yield url


@dataclass
class LyingProvider:
    """Answers without asking anybody; each of its members can be made to lie."""

    clock: Clock
    key: Key = field(default_factory=lambda: RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True))
    issuer: str = ""
    header: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    """Put over the true claims; None takes one away."""
    discovery: dict[str, Any] = field(default_factory=dict)
    signed: Callable[[dict[str, Any]], object] | None = None
    """What stands in place of the id token for these claims."""
    published: list[dict[str, Any]] | None = None
    """The keys that it shows, where these are not its own."""
    userinfo: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Response] = field(default_factory=dict)
    """Whole answers, by path."""
    asked: Counter[str] = field(default_factory=Counter)
    forms: list[dict[str, str]] = field(default_factory=list)
    access_token: object = ACCESS_TOKEN
    nonce: str = ""

    @contextmanager
    def served(self) -> Iterator[str]:
        """Its URL, while it is there."""
        with served(self._app) as url:
            yield url

    def true_claims(self) -> dict[str, Any]:
        """What an honest provider would say."""
        now = int(self.clock().timestamp())
        return {
            "iss": self.issuer,
            "sub": "s-1",
            "aud": "qman",
            "iat": now,
            "exp": now + 60,
            "nonce": self.nonce,
            "preferred_username": "alice",
            "email": "alice@example.org",
            "groups": ["users"],
        }

    def _token(self) -> Response:
        self.forms.append(request.form.to_dict())
        claims = {name: value for name, value in {**self.true_claims(), **self.claims}.items() if value is not None}
        if self.signed is not None:
            id_token = self.signed(claims)
        else:
            header = {"alg": "RS256", "kid": self.key.kid, **self.header}
            id_token = jwt.encode({k: v for k, v in header.items() if v is not None}, claims, self.key)
        return jsonify(access_token=self.access_token, token_type="Bearer", expires_in=60, id_token=id_token)

    def _metadata(self) -> Response:
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        endpoints = {name: f"{self.issuer}/{path}" for name, path in paths.items()}
        document = {
            "issuer": self.issuer,
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            **endpoints,
            **self.discovery,
        }
        return jsonify({name: value for name, value in document.items() if value is not None})

    def _app(self, url: str) -> Flask:
        self.issuer = url
        app = Flask("lying_provider", static_folder=None)
        own = [self.key.as_dict(private=False)]
        app.add_url_rule("/.well-known/openid-configuration", "metadata", self._metadata)
        app.add_url_rule("/jwks", "jwks", lambda: jsonify(keys=own if self.published is None else self.published))
        app.add_url_rule("/token", "token", self._token, methods=["POST"])
        app.add_url_rule("/userinfo", "userinfo", lambda: jsonify(self.userinfo))

        @app.before_request
        def answer_instead() -> Response | None:
            self.asked[request.path] += 1
            return self.answers.get(request.path)

        return app
