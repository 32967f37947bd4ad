"""The chores of a master: which there are, and when."""

from collections.abc import Sequence
from datetime import timedelta

from app.db.engine import Database
from app.master.chores import Chore
from app.master.history.outlook import Outlook
from app.master.history.recorder import Recorder
from app.master.history.thinning import Thinner
from app.quota.clock import Clock

QUARTER = timedelta(minutes=15)


def master_chores(database: Database, clock: Clock) -> Sequence[Chore]:
    """History is recorded first, so that forecasts and thinning see what is new."""
    return (
        Chore("record_history", QUARTER, Recorder(database).record),
        Chore("renew_outlook", QUARTER, Outlook(database, clock).renew),
        Chore("thin_history", QUARTER, Thinner(database, clock).thin),
    )
