"""Bytes and KiB, the one place where the wire's units are converted.

The rows on the wire keep the convention of quotactl(2) and pyquota: limits of blocks in units of
1 KiB, usage in bytes, 0 for unlimited.
"""

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

MAX_BLOCK_LIMIT_KIB = 2**43
"""Largest block limit on the wire, in KiB (2⁵³ bytes, the largest integer that JSON carries exactly)."""
MAX_INODE_LIMIT = 2**63
"""Largest inode limit on the wire, as a count."""

_BINARY_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def kib_from_bytes(limit_bytes: int | None) -> int:
    """The wire's KiB for a limit in bytes: None is 0, and a part of a KiB counts as a whole one."""
    return 0 if limit_bytes is None else max(1, -(-limit_bytes // KIB))


def bytes_from_kib(limit_kib: int) -> int | None:
    """A limit in bytes for the wire's KiB: 0 is None, unlimited."""
    return limit_kib * KIB or None


def count_from_wire(limit: int) -> int | None:
    """An inode limit for the wire's count: 0 is None, unlimited."""
    return limit or None


def format_bytes(value: int) -> str:
    """Bytes for people, three digits and a binary unit: `1.5 GiB`, `512 B`."""
    amount = float(value)
    for unit in _BINARY_UNITS:
        if abs(amount) < 999.5 or unit == _BINARY_UNITS[-1]:  # noqa: PLR2004 - three digits
            return f"{value} B" if unit == "B" else f"{amount:.3g} {unit}"
        amount /= KIB
    raise AssertionError
