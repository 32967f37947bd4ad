"""When the grace period of a resource starts and ends.

The rule is the kernel's (fs/quota/dquot.c, `dquot_add_space`; fs/xfs/xfs_dquot.c, `xfs_qm_adjust_res_timer`): the
timer starts when usage goes above the soft limit, runs on while it stays there, and is cleared when usage is back at
or below it. ext4 alone also restarts it when a limit of that resource is set anew meanwhile (`do_set_dqblk`).
"""

from datetime import datetime, timedelta

from app.quota.values import Limits, ResourceQuota


def with_grace(
    used: int, limits: Limits, running: datetime | None, period_seconds: int, now: datetime
) -> ResourceQuota:
    """The resource after a change: keeps a running timer, starts one, or clears it.

    `running` is the expiry before the change, None where no timer ran. `now` is aware UTC.
    """
    if limits.soft is None or used <= limits.soft:
        return ResourceQuota(used, limits, None)
    return ResourceQuota(used, limits, running or now + timedelta(seconds=period_seconds))
