"""What the master asks of slaves when somebody changes something."""

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

import orjson

from app.master.changes.trail import Place
from app.master.collector.slave_client import SlaveClient
from app.master.fleet import HostEntry
from app.quota.values import QuotaType
from app.web.docker_objects import AttributedOut
from app.web.quota_changes import BatchOut, DefaultsOut, DeviceGraceOut, RowOut
from app.web.quota_rows import GroupRowOut, ProjectRowOut, UserRowOut

T = TypeVar("T")

_ATTRIBUTIONS = "/remote-api/docker/attributions"
_PATHS = {QuotaType.USER: "users", QuotaType.GROUP: "groups", QuotaType.PROJECT: "projects"}
_ROWS: Mapping[QuotaType, type[RowOut]] = {
    QuotaType.USER: UserRowOut,
    QuotaType.GROUP: GroupRowOut,
    QuotaType.PROJECT: ProjectRowOut,
}


class SlaveCalls:
    """Changes through a slave, each within its deadline.

    HostRefusedError: nothing was sent. SlaveRefusedError: the slave says no, with its own code. HostTimeoutError,
    HostFailedError: what became of it is not known.
    """

    def __init__(self, client: SlaveClient) -> None:
        self._client = client

    def set_limits(self, host: HostEntry, place: Place, quota_id: int, limits: Mapping[str, int]) -> RowOut:
        """Sets the given limits and gives the row that stands now."""
        path = f"/remote-api/quotas/{_PATHS[place.quota_type]}/{quota_id}?{urlencode({'device': place.device})}"
        return self._client.change(host, "PUT", path, orjson.dumps(dict(limits)), _ROWS[place.quota_type])

    def set_many(
        self, host: HostEntry, place: Place, targets: Mapping[str, Any], limits: Mapping[str, int], *, dry_run: bool
    ) -> BatchOut:
        """The same limits for many; `targets` is one of `ids`, `names` and `all`, as in `BatchIn`."""
        body = {
            "device": place.device,
            "quota_type": place.quota_type.value,
            **targets,
            "limits": dict(limits),
            "dry_run": dry_run,
        }
        return self._client.change(host, "POST", "/remote-api/quotas/batch", orjson.dumps(body), BatchOut)

    def set_defaults(self, host: HostEntry, place: Place, limits: Mapping[str, int]) -> DefaultsOut:
        """Sets default limits and gives those that stand now."""
        return self._client.change(host, "PUT", _of_device("defaults", place), orjson.dumps(dict(limits)), DefaultsOut)

    def set_grace(self, host: HostEntry, place: Place, periods: Mapping[str, int]) -> DeviceGraceOut:
        """Sets grace periods and gives those that stand now."""
        return self._client.change(host, "PUT", _of_device("grace", place), orjson.dumps(dict(periods)), DeviceGraceOut)

    def attribute_object(self, host: HostEntry, said: Mapping[str, Any]) -> AttributedOut:
        """Says whose a Docker object is; `said` as in `AttributionIn`."""
        return self._client.change(host, "POST", _ATTRIBUTIONS, orjson.dumps(dict(said)), AttributedOut)

    def withdraw_attribution(self, host: HostEntry, said: Mapping[str, Any]) -> AttributedOut:
        """Takes back what was said; `said` as in `WithdrawQuery`."""
        return self._client.change(host, "DELETE", f"{_ATTRIBUTIONS}?{urlencode(said)}", b"", AttributedOut)


def _of_device(what: str, place: Place) -> str:
    return f"/remote-api/quotas/{what}?{urlencode({'device': place.device, 'quota_type': place.quota_type.value})}"
