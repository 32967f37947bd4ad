"""Findings: what is wrong, why it matters, and what mends it."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """`error`: quotas are not kept, not seen, or others can read or change them. `warning`: they soon might be."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `code` is stable, `mend` is a shell command, or what to write where."""

    code: str
    severity: Severity
    subject: str
    found: str
    why: str
    mend: str


def error(code: str, subject: str, *, found: str, why: str, mend: str) -> Finding:
    """A finding of severity `error`."""
    return Finding(code, Severity.ERROR, subject, found, why, mend)


def warning(code: str, subject: str, *, found: str, why: str, mend: str) -> Finding:
    """A finding of severity `warning`."""
    return Finding(code, Severity.WARNING, subject, found, why, mend)


def quoted(word: str) -> str:
    """The word as a shell takes it."""
    return shlex.quote(word)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors first, then by subject; what a more exact finding about the same subject says already is left out."""
    found = list(dict.fromkeys(findings))
    exact = {each.subject for each in found if each.severity is Severity.ERROR and each.code not in GENERAL_CODES}
    kept = (each for each in found if each.code not in GENERAL_CODES or each.subject not in exact)
    return tuple(sorted(kept, key=lambda each: (each.severity is Severity.WARNING, each.subject, each.code)))


GENERAL_CODES = frozenset({"backend_failed", "device_failed"})
"""Codes of findings that only repeat what a backend said."""
