"""ZFS: user, group and project quotas of its filesystems, through `zfs` and `zpool`."""
