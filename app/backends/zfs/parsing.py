"""What `zfs` and `zpool` print with `-Hp`: lines of fields between tabs (zfs(8), zpool(8)). Pure: text in, values out.

As ZFS 0.8 to 2.3 write it: exact numbers; no limit is `0`, `none` or `-`; what a dataset does not count is `-`.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from app.quota.errors import BackendError
from app.quota.rules import MAX_ID
from app.quota.values import DeviceUsage, Limits, Quota, ResourceQuota

POOL_FIELDS = "name,health,feature@userobj_accounting,feature@project_quota"
DATASET_FIELDS = "name,readonly,encryption,keystatus,canmount"
SPACE_FIELDS = "name,used,quota,objused,objquota"
USAGE_FIELDS = "used,available,referenced,quota,refquota"

NOTHING = "-"
_UNLIMITED = frozenset({"0", "none", NOTHING})
_FEATURE_ON = frozenset({"enabled", "active"})


class Pool(NamedTuple):
    """An imported pool: whether its I/O is suspended, and what its filesystems count beside the space of owners."""

    name: str
    is_suspended: bool
    counts_objects: bool
    counts_projects: bool


class Dataset(NamedTuple):
    """A filesystem as `zfs list` tells it. `has_key` is False while it is encrypted and its key is not loaded."""

    name: str
    is_readonly: bool
    encryption: str
    has_key: bool
    canmount: str

    @property
    def pool(self) -> str:
        """The pool that it is in."""
        return pool_of(self.name)


def pool_of(dataset: str) -> str:
    """The pool of a dataset's name."""
    return dataset.partition("/")[0]


def parse_pools(text: str) -> list[Pool]:
    """Of `zpool list -Hp -o POOL_FIELDS`. BackendError."""
    return [
        Pool(name, health == "SUSPENDED", objects in _FEATURE_ON, projects in _FEATURE_ON)
        for name, health, objects, projects in _rows(text, 4)
    ]


def parse_datasets(text: str) -> list[Dataset]:
    """Of `zfs list -Hp -t filesystem -o DATASET_FIELDS`, without what a `zfs receive` under way has not made yet.

    Such a dataset is listed with a `%` in its name (zfs-receive(8)), which no other may have. BackendError.
    """
    return [
        Dataset(name, readonly == "on", encryption, keystatus in {"available", NOTHING}, canmount)
        for name, readonly, encryption, keystatus, canmount in _rows(text, 5)
        if "%" not in name
    ]


def parse_space(text: str) -> list[Quota]:
    """Of `zfs userspace -Hpn -o SPACE_FIELDS` and its like, by ascending id. BackendError.

    The row of 2³²−1 is left out: the kernel takes it for no id, so nobody is that, but `zfs set` gives it limits.
    """
    quotas = [
        _quota(_number(name), used, quota, objused, objquota) for name, used, quota, objused, objquota in _rows(text, 5)
    ]
    return sorted((quota for quota in quotas if quota.quota_id <= MAX_ID), key=lambda quota: quota.quota_id)


def find_quota(values: Mapping[str, str], prefix: str, quota_id: int, *, counts_objects: bool) -> Quota | None:
    """One id's quota of `zfs get -Hp -o property,value`; None when one of the values could not be read.

    `zfs get` ends well then, with `-` for the value. BackendError: it is not there at all.
    """
    found = [values.get(name) for name in space_properties(prefix, quota_id, counts_objects=counts_objects)]
    if None in found:
        raise BackendError("zfs left out a property that it was asked for.")
    told = [value for value in found if value is not None]
    return None if NOTHING in told else _quota(quota_id, *told, *[NOTHING] * (4 - len(told)))


def space_properties(prefix: str, quota_id: int, *, counts_objects: bool) -> list[str]:
    """The properties of one id: what is used and the limit, of space and of objects. `prefix` is `user` and the like.

    The id has a sign, because for a number alone ZFS asks for a user of that name first, who may have another id
    (lib/libzfs/libzfs_dataset.c, userquota_propname_decode: getpwnam, then strtoul). No name begins with a sign.
    """
    names = ("used", "quota", "objused", "objquota") if counts_objects else ("used", "quota")
    return [f"{prefix}{name}@+{quota_id}" for name in names]


def parse_properties(text: str) -> Mapping[str, str]:
    """Of `zfs get -Hp -o property,value`. BackendError."""
    return {row[0]: row[1] for row in _rows(text, 2)}


def usage_of(values: Mapping[str, str]) -> DeviceUsage:
    """The space of a dataset, of the properties USAGE_FIELDS. BackendError.

    The whole is the smaller of its quota, which covers snapshots and datasets below, and its refquota, which covers
    its own files; without either what is used and what may still be. `available` knows of every bound above it too.
    """
    used, available, referenced, quota, refquota = (_number(values.get(name, "")) for name in USAGE_FIELDS.split(","))
    if refquota and (not quota or refquota < quota):
        return DeviceUsage(referenced, available, refquota)
    return DeviceUsage(used, available, quota or used + available)


def _quota(quota_id: int, used: str, quota: str, objused: str = NOTHING, objquota: str = NOTHING) -> Quota:
    return Quota(quota_id, _resource(used, quota), _resource(objused, objquota))


def _resource(used: str, limit: str) -> ResourceQuota:
    hard = None if limit in _UNLIMITED else _number(limit)
    return ResourceQuota(0 if used == NOTHING else _number(used), Limits(None, hard or None))


def _rows(text: str, fields: int) -> Iterator[list[str]]:
    for line in text.split("\n"):
        if line:
            row = line.split("\t")
            if len(row) != fields:
                raise BackendError(f"zfs printed a line of {len(row)} fields, expected {fields}: {line[:80]!r}.")
            yield row


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise BackendError(f"zfs printed {text[:80]!r} in place of a number.")
    return int(text)
