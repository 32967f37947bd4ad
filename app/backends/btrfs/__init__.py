"""Quotas of users' own subvolumes on Btrfs, by its quota groups (qgroups)."""
