"""API tokens: one's own, and everybody's for admins."""

from app.auth.caller import Caller
from app.master.tokens import Tokens
from app.master.wire.tokens import NewTokenOut, OwnedTokensOut, TokenIn, TokensOut, TokensQuery
from app.web.router import Api, Reply


def add_tokens(api: Api, tokens: Tokens) -> None:
    """`/api/me/tokens` and `/api/admin/tokens`. What makes or revokes a token needs a session: no token does."""

    @api.route("GET", "/api/me/tokens", access="user", cache="page")
    def list_my_tokens(caller: Caller) -> TokensOut:
        """My API tokens, the newest first, with when they were last used."""
        return tokens.mine(caller)

    @api.route("POST", "/api/me/tokens", access="user_session", errors=(409, 507), status=201)
    def add_token(caller: Caller, body: TokenIn) -> NewTokenOut:
        """Makes an API token. The answer tells it once: nobody can read it later."""
        return tokens.add(caller, body)

    @api.route("DELETE", "/api/me/tokens/{token_id}", access="user_session", errors=(404, 507), status=204)
    def revoke_my_token(caller: Caller, token_id: str) -> Reply:
        """Revokes one of my API tokens: it opens nothing any more."""
        tokens.revoke(caller, token_id)
        return Reply(status=204)

    @api.route("GET", "/api/admin/tokens", access="admin", cache="page")
    def list_tokens(query: TokensQuery) -> OwnedTokensOut:
        """Everybody's API tokens."""
        return tokens.page(query)

    @api.route("DELETE", "/api/admin/tokens/{token_id}", access="admin_session", errors=(404, 507), status=204)
    def revoke_token(caller: Caller, token_id: str) -> Reply:
        """Revokes anybody's API token."""
        tokens.revoke(caller, token_id, of_anybody=True)
        return Reply(status=204)
