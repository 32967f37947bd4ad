"""What may speak for somebody, and the user that each connection of the audit log speaks for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.docker_quota.values import Attribution, Candidate, Method
from app.quota.rules import MAX_ID

LABEL = "qman.user"
_LONGEST_NAME = 256
_UID = re.compile(r"0|[1-9][0-9]{0,9}")


@dataclass(frozen=True, slots=True)
class Override:
    """An admin's word. `candidate` is None where they said that it is nobody's."""

    candidate: Candidate | None


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """Who may have sent a request, by the audit log: everybody who had a connection to Docker's socket then.

    `has_unknown`: so had somebody who cannot be named, such as a container of nobody's.
    """

    candidates: tuple[Candidate, ...]
    has_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Builders:
    """Everybody who was building when a record of the build cache was made, by the proxy's journal.

    `has_unknown`: so was somebody who cannot be named.
    """

    candidates: tuple[Candidate, ...]
    has_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Whose the object is that used this layer (`Method.LAYER`) or volume (`Method.MOUNT`) first."""

    attribution: Attribution
    method: Method


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known about one object; None where nothing speaks.

    `journal` is who the proxy saw asking for this very object, by its id in dockerd's answer. `label` is the user that
    the label names; a label that never named a user of this host says nothing, and is None. `audit` is for what a
    request made by itself: containers. Layers and volumes have a `source` instead, records of the build cache
    `builders`.
    """

    override: Override | None = None
    journal: Candidate | None = None
    label: Candidate | None = None
    audit: AuditFinding | None = None
    source: Source | None = None
    builders: Builders | None = None


def find_claim(labels: Mapping[str, str], image_labels: Mapping[str, str] | None = None) -> str | None:
    """The name in a container's label `qman.user`, None where it claims nothing.

    Docker copies the labels of an image to each container made from it. What the image says too was said by whoever
    built it, and is no claim for the container.
    """
    name = labels.get(LABEL, "")
    if not 0 < len(name) <= _LONGEST_NAME or "\0" in name or name == (image_labels or {}).get(LABEL):
        return None
    return name


def uid_in(name: str) -> int | None:
    """The uid that a name is, as the socket proxy writes that of a user without a name; None where it is none."""
    return uid if _UID.fullmatch(name) and (uid := int(name)) <= MAX_ID else None


def claimant(
    name: str | None, uids: Mapping[str, int | None], names: Mapping[int, str | None], kept: Candidate | None
) -> Candidate | None:
    """Whom a claim names: the user of that name, by `uids`, else the uid that it is.

    `kept` is whom it was found to name before: a user who was deleted since, or a uid that had another name. `names`
    are those of uids today; where nobody answered for one it is missing.
    """
    if name is None:
        return None
    if (uid := uids.get(name)) is not None:
        return Candidate(uid, name)
    if kept is not None and kept.user is not None:
        return kept
    number = uid_in(name)
    return kept if number is None else Candidate(number, names.get(number))


def persons_of(auid: int | None, uid: int) -> frozenset[int]:
    """The uids that a process may be acting for. `auid` is who logged in (`loginuid`), None where nobody did.

    sudo and su to root keep who logged in, and that is the person. One user as another (su, sudo -u) may be either.
    """
    if auid is None:
        return frozenset({uid})
    return frozenset({auid}) if uid == 0 else frozenset({auid, uid})
