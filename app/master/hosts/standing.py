"""How the hosts that were added in the dashboard stand with their keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from app.db.repositories.enrolled_hosts import (
    EnrolledHost,
    EnrolledHostRepository,
    EnrolmentCode,
    EnrolmentCodeRepository,
)
from app.db.repositories.hosts import HostRecord
from app.master.fleet import HostListing
from app.master.wire.hosts import EnrolmentOut


@dataclass(frozen=True, slots=True)
class Standing:
    """All of them at one moment."""

    hosts: Mapping[str, EnrolledHost]
    code_ends: Mapping[str, datetime]
    listing: HostListing

    @classmethod
    def read(
        cls, hosts: EnrolledHostRepository, codes: EnrolmentCodeRepository, listing: HostListing, now: datetime
    ) -> Self:
        """Two queries, however many hosts there are."""
        return cls({host.id: host for host in hosts.list_all()}, _open_codes(codes.list_all(), now), listing)

    def of(self, host: HostRecord) -> EnrolmentOut | None:
        """None for a host of the settings alone."""
        enrolled = self.hosts.get(host.id)
        if enrolled is None:
            return None
        return EnrolmentOut.model_validate(
            {
                "state": self._state(enrolled, host),
                "code_expires_at": self.code_ends.get(host.id),
                "keys_at": enrolled.keys_at,
                "rotation": enrolled.rotation,
                "in_settings": host.id in self.listing.shadowed,
            },
            strict=False,
        )

    def _state(self, enrolled: EnrolledHost, host: HostRecord) -> str:
        if enrolled.sealed_keys is None:
            return "waiting" if host.id in self.code_ends else "expired"
        if host.id in self.listing.without_keys:
            return "keys_lost"
        return "enrolled" if is_confirmed(enrolled, host) else "unconfirmed"


def is_confirmed(enrolled: EnrolledHost, host: HostRecord) -> bool:
    """Was the host read well with the keys of its last enrolment?"""
    taken_at, enrolled_at = host.taken_at, enrolled.enrolled_at
    return taken_at is not None and enrolled_at is not None and taken_at >= enrolled_at


def _open_codes(codes: Sequence[EnrolmentCode], now: datetime) -> dict[str, datetime]:
    return {code.host_id: code.expires_at for code in codes if code.used_at is None and code.expires_at > now}
