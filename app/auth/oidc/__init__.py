"""Login by OpenID Connect: authorization code with PKCE, state and nonce; the tokens never leave the server."""
