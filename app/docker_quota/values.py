"""Whose a Docker object is, and how we know."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Method(StrEnum):
    """What an attribution rests on."""

    OVERRIDE = "override"
    PROXY = "proxy"
    LABEL = "label"
    AUDIT = "audit"
    LAYER = "layer"
    MOUNT = "mount"
    NONE = "none"


class Certainty(StrEnum):
    """How sure an attribution is. What is not certain is in the review queue."""

    CERTAIN = "certain"
    CLAIMED = "claimed"
    PROBABLE = "probable"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


class Counting(StrEnum):
    """What the bytes of an object are: somebody's usage, only claimed to be somebody's, or nobody's."""

    USED = "used"
    CLAIMED = "claimed"
    UNATTRIBUTED = "unattributed"


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """A user of this host at the time of the evidence. `user` is None where the uid had no name then."""

    uid: int
    user: str | None


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose an object is. `uid` and `user` are None where nobody can be named.

    `user` is the name that the uid had when the attribution was made: a uid that has another name since belongs to
    another person. `candidates` are those between whom it could not be decided, by uid; of what is certain, whom a
    label names instead; else nobody.
    """

    uid: int | None
    user: str | None
    method: Method
    certainty: Certainty
    candidates: tuple[Candidate, ...] = ()

    @classmethod
    def of(cls, candidate: Candidate, method: Method, certainty: Certainty) -> "Attribution":
        """One that names somebody."""
        return cls(candidate.uid, candidate.user, method, certainty)

    @property
    def contradicted_by(self) -> tuple[Candidate, ...]:
        """Whom a label names, which is wrong: somebody else is known for certain."""
        return self.candidates if self.certainty is Certainty.CERTAIN else ()

    def counts(self) -> Counting:
        """What its bytes are. The usage or claim is that of `uid`."""
        if self.uid is None or self.certainty is Certainty.UNKNOWN:
            return Counting.UNATTRIBUTED
        return Counting.CLAIMED if self.certainty is Certainty.AMBIGUOUS else Counting.USED

    def is_enforced(self, *, enforce_probable: bool) -> bool:
        """Whether a container may be stopped for the limit of `uid`. `DOCKER_QUOTA_ENFORCE_PROBABLE` adds probable."""
        sure = {Certainty.CERTAIN, Certainty.CLAIMED} | ({Certainty.PROBABLE} if enforce_probable else set())
        return self.uid is not None and self.certainty in sure

    def needs_review(self) -> bool:
        """Whether it is in the review queue."""
        return self.certainty is not Certainty.CERTAIN

    def inherited(self, method: Method) -> "Attribution":
        """That of a layer or volume which this one's object was the first to use: as sure as this one."""
        return self if self.method is Method.NONE else replace(self, method=method)


UNKNOWN = Attribution(None, None, Method.NONE, Certainty.UNKNOWN)
