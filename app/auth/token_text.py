"""What an API token looks like: `qman_`, 40 random letters and digits, and six that are their checksum.

Whoever searches repositories and logs for secrets finds it by its first letters, and tells a real one by its checksum;
a slip of the keyboard is found without asking the database. The form is the one that GitHub made known
(github.blog, "Behind GitHub's new authentication token formats", 2021).
"""

import secrets
import string
import zlib
from typing import Final

MARK: Final = "qman_"
RANDOM_LENGTH: Final = 40
"""238 bits."""
CHECKSUM_LENGTH: Final = 6
SHOWN_LENGTH: Final = len(MARK) + 6
"""So much of it stands in lists, for people to know it by."""

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_LENGTH = len(MARK) + RANDOM_LENGTH + CHECKSUM_LENGTH


def new_token() -> str:
    """A token that nobody can guess."""
    random = "".join(secrets.choice(_ALPHABET) for _ in range(RANDOM_LENGTH))
    return MARK + random + checksum(random)


def checksum(random: str) -> str:
    """CRC-32 of the random part, in base 62."""
    rest, digits = zlib.crc32(random.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        rest, digit = divmod(rest, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits


def is_well_formed(text: str) -> bool:
    """Could we have made it?"""
    random = text[len(MARK) : -CHECKSUM_LENGTH]
    return len(text) == _LENGTH and text.isascii() and text.startswith(MARK) and text.endswith(checksum(random))


def token_in(authorization: str) -> str | None:
    """The token of an Authorization header (RFC 6750); None where it is not ours: a proxy in front may have its own."""
    scheme, _, text = authorization.partition(" ")
    text = text.strip(" ")
    return text if scheme.lower() == "bearer" and text.startswith(MARK) else None
