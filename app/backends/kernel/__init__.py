"""User and group quotas that the kernel keeps: ext4 and XFS."""
