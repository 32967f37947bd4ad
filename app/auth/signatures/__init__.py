"""HTTP Message Signatures (RFC 9421, hmac-sha256) between master and slave: signing, verifying, and nonces.

Covered are `@method`, `@target-uri` or `@path` and `@query`, and `content-digest` (RFC 9530) where there is a body.
"""

from app.auth.signatures.errors import ScopeMissingError, SignatureInvalidError
from app.auth.signatures.message import SignedMessage
from app.auth.signatures.nonces import DatabaseNonces, Nonces
from app.auth.signatures.sign import SlaveAuth, sign_request, signature_headers
from app.auth.signatures.verify import AcceptedKey, SignatureVerifier

__all__ = [
    "AcceptedKey",
    "DatabaseNonces",
    "Nonces",
    "ScopeMissingError",
    "SignatureInvalidError",
    "SignatureVerifier",
    "SignedMessage",
    "SlaveAuth",
    "sign_request",
    "signature_headers",
]
