"""uids are given to other people: what belonged to the last is not the next one's."""

from collections.abc import Mapping
from dataclasses import replace

from app.docker_quota.values import Attribution, Certainty


def as_of_today(attribution: Attribution, names: Mapping[int, str | None]) -> Attribution:
    """The attribution, by what uids are called now. It is worked out on reading, never stored.

    `names` has None for a uid without a name, and lacks those that the host's user database did not answer for: these
    stay as they are. So does a deleted user's: it is theirs until the uid is somebody else's. Then it is nobody's,
    `user` says whose it was, and they are no candidates any more. Whoever remains is no surer for that. Where no name
    was known when the attribution was made, nothing can be compared, and the uid counts.
    """
    candidates = tuple(each for each in attribution.candidates if not _is_anothers(each.uid, each.user, names))
    if attribution.uid is None or not _is_anothers(attribution.uid, attribution.user, names):
        return replace(attribution, candidates=candidates)
    return replace(attribution, uid=None, certainty=Certainty.UNKNOWN, candidates=candidates)


def _is_anothers(uid: int, user: str | None, names: Mapping[int, str | None]) -> bool:
    name = names.get(uid)
    return user is not None and name is not None and name != user
