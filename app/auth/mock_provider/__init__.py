"""An OpenID Connect provider for development: real discovery, keys, codes and PKCE; no passwords. Loopback only."""
