"""User, group and project quotas that the kernel keeps: ext4 and XFS."""
