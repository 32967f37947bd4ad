"""The mock provider's HTTP surface (OpenID Connect Core 1.0 and Discovery 1.0)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.wrappers import Response as WerkzeugResponse

from app.auth.mock_provider.grants import TOKEN_LASTS, Authorization, Grants
from app.auth.mock_provider.page import STYLE, page_of
from app.auth.mock_provider.users import MockUsers
from app.quota.clock import Clock
from app.settings.keys import is_loopback

TOKEN_SECONDS = int(TOKEN_LASTS.total_seconds())


@dataclass(frozen=True, slots=True)
class MockProvider:
    """One provider: its users, its key, its promises. `issuer` is its own URL."""

    issuer: str
    users: MockUsers
    grants: Grants
    key: ECKey
    clock: Clock

    def metadata(self) -> dict[str, Any]:
        """The discovery document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks.json",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "profile", "email", "groups"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
            "authorization_response_iss_parameter_supported": True,
            "qman_mock_provider": True,
        }

    def authorize(self) -> Response | WerkzeugResponse:
        """The page to choose on; with `user_id`, at once the redirect with a code."""
        asked = request.args
        redirect_uri = asked.get("redirect_uri", "")
        if not _is_loopback_url(redirect_uri):
            return _refused("redirect_uri: expected a URL on loopback")
        if asked.get("response_type") != "code":
            return _refused("response_type: expected code")
        if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
            return _refused("code_challenge: expected PKCE with S256")
        user = self.users.find(asked.get("user_id"))
        if user is None:
            return Response(page_of(self.users.users, asked), mimetype="text/html")
        authorization = Authorization(
            asked.get("client_id", ""), redirect_uri, asked.get("nonce"), asked["code_challenge"]
        )
        answer = {"code": self.grants.give_code(user, authorization), "iss": self.issuer}
        if "state" in asked:
            answer["state"] = asked["state"]
        return redirect(f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(answer)}")

    def token(self) -> Response:
        """Tokens for a code."""
        form, basic = request.form, request.authorization
        client_id = form.get("client_id") or (basic.username if basic is not None else None) or ""
        grant = self.grants.take_code(
            form.get("code", ""),
            client_id=client_id,
            redirect_uri=form.get("redirect_uri", ""),
            verifier=form.get("code_verifier", ""),
        )
        if form.get("grant_type") != "authorization_code" or grant is None:
            response = jsonify(error="invalid_grant", error_description="the code does not fit, or was used")
            response.status_code = 400
            return response
        now = int(self.clock().timestamp())
        claims = {
            **grant.user.claims,
            "iss": self.issuer,
            "aud": client_id,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
        }
        if grant.authorization.nonce is not None:
            claims["nonce"] = grant.authorization.nonce
        id_token = jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key)
        access_token = self.grants.give_token(grant)
        response = jsonify(access_token=access_token, token_type="Bearer", expires_in=TOKEN_SECONDS, id_token=id_token)  # noqa: S106 - a type's name
        response.cache_control.no_store = True
        return response

    def userinfo(self) -> Response:
        """The claims of whose token it is."""
        user = self.grants.user_of(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if user is None:
            return Response("", 401, headers={"WWW-Authenticate": "Bearer"})
        return jsonify(user.claims)


def make_app(provider: MockProvider) -> Flask:
    """The provider as a WSGI app."""
    app = Flask("mock_provider", static_folder=None)
    app.add_url_rule("/.well-known/openid-configuration", "metadata", lambda: jsonify(provider.metadata()))
    app.add_url_rule("/jwks.json", "keys", lambda: jsonify(keys=[provider.key.as_dict(private=False)]))
    app.add_url_rule("/style.css", "style", lambda: Response(STYLE, mimetype="text/css"))
    app.add_url_rule("/authorize", "authorize", provider.authorize)
    app.add_url_rule("/token", "token", provider.token, methods=["POST"])
    app.add_url_rule("/userinfo", "userinfo", provider.userinfo)
    return app


def _is_loopback_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and is_loopback(parts.hostname or "") and url.isprintable()


def _refused(what: str) -> Response:
    return Response(f"mock provider: {what}\n", 400, mimetype="text/plain")
