"""What `zfs` and `zpool` print, by version. Fields are apart by tabs.

Recorded from ZFS 2.1.11 on Linux 6.1, inside `tests/rigs/kernel-rig --engine qemu`: all that is named `..._2_1`.
Written from the manual pages zfs-userspace(8), zfs-list(8) and zpool-list(8), never run: `DOCUMENTED_USERS`, for 0.8,
2.2 and 2.3.
"""

POOLS_2_1 = "bad\tSUSPENDED\tactive\tactive\ngood\tONLINE\tactive\tactive\n"
OLD_POOL_2_1 = "old\tONLINE\tdisabled\tdisabled\n"
UNKNOWN_FEATURE_2_1 = "tank\tONLINE\t-\t-\n"
"""What `zpool list` prints for a feature that it does not know: here recorded with one that there is not."""

DATASETS_2_1 = """\
tank\toff\toff\t-\ton
tank/enc\toff\taes-256-gcm\tunavailable\ton
tank/home\ton\toff\t-\ton
tank/home/bob\toff\toff\t-\tnoauto
"""

USERS_2_1 = """\
0\t3150848\t1234567890\t4\t77
999\t0\t1000\t-\t-
1000\t5249024\t1234567890\t2\t77
4711\t0\t2000\t-\t-
2147483648\t3148288\t0\t1\t0
4294967294\t3148288\t1234567890\t1\t77
4294967295\t0\t1234567890\t0\t77
"""
USERS_UNCOUNTED_OBJECTS_2_1 = "0\t1536\t0\t-\t-\n1000\t1058304\t0\t-\t-\n"
PROJECTS_2_1 = "0\t9446912\t0\t5\t0\n4294967294\t5249536\t0\t3\t0\n"

ONE_USER_2_1 = """\
userused@+1000\t5249024
userquota@+1000\t1234567890
userobjused@+1000\t2
userobjquota@+1000\t77
"""
NEVER_SEEN_2_1 = "userused@+5555\t0\nuserquota@+5555\t0\nuserobjused@+5555\t0\nuserobjquota@+5555\t0\n"
UNREADABLE_2_1 = "userused@+1000\t-\nuserquota@+1000\t-\nuserobjused@+1000\t-\nuserobjquota@+1000\t-\n"
"""Of a dataset whose key is not loaded, and for somebody who may not read it: with exit status 0."""
PARTLY_READABLE_2_1 = "userused@+1000\t512\nuserquota@+1000\t-\nuserobjused@+1000\t1\nuserobjquota@+1000\t-\n"
USAGE_2_1 = "used\t14764032\navailable\t37704704\nreferenced\t14724096\nquota\t104857600\nrefquota\t52428800\n"

SAID_2_1 = {
    "suspended": "cannot open 'bad/home': pool I/O is currently suspended\n",
    "gone": "cannot open 'tank/nope': dataset does not exist\n",
    "volume": "cannot open 'tank/vol': operation not applicable to datasets of this type\n",
    "denied": "cannot get used/quota for good/home: permission denied\n",
    "denied_at_all": "Permission denied the ZFS utilities must be run as root.\n",
    "read_only": "cannot set property for 'good/home': pool is read-only\n",
    "old_dataset": "cannot get used/quota for old/v3: unsupported version or feature\n",
    "old_pool": "cannot set property for 'old/home': "
    "pool and or dataset must be upgraded to set this property or value\n",
    "no_module": "The ZFS modules are not loaded.\nTry running '/sbin/modprobe zfs' as root to load them.\n",
}

DOCUMENTED_USERS = {
    "0.8": "0\t12345\tnone\t3\tnone\n1000\t2048\t1048576\t2\t-\n",
    "2.2": "0\t12345\t0\t3\t0\n1000\t2048\t1048576\t2\t0\n",
    "2.3": "0\t12345\t-\t3\t-\n1000\t2048\t1048576\t2\tnone\n",
}
"""The same dataset, with the ways to say "no limit" that the manual pages of these versions have."""
