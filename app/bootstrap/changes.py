"""Builds what changes quotas on hosts: the use cases, and the runner that carries out change sets."""

from dataclasses import dataclass

from app.db.engine import Database
from app.master.changes.batch import SetManyLimits
from app.master.changes.carrying import Carrier
from app.master.changes.device import DeviceSettings
from app.master.changes.limits import SetLimits
from app.master.changes.runner import ChangeRunner
from app.master.changes.sets import ChangeSets
from app.master.changes.slave_calls import SlaveCalls
from app.master.changes.trail import Trail
from app.master.changes.undo import Undo
from app.master.collector.slave_client import SlaveClient
from app.master.fleet import Fleet
from app.master.imports.preview import Imports
from app.master.pages.change_sets import ChangeSetPages
from app.master.routes.change_sets import SetCases, add_change_sets
from app.master.routes.changes import Changes, add_changes
from app.quota.clock import Clock
from app.web.router import Api


@dataclass(frozen=True, slots=True)
class ChangeParts:
    """What changes are made of."""

    fleet: Fleet
    database: Database
    clock: Clock
    client: SlaveClient
    require_reason: bool

    def runner(self) -> ChangeRunner:
        """Carries out change sets; not started."""
        carrier = Carrier(self.database, self.fleet, SlaveCalls(self.client), self.clock)
        return ChangeRunner(self.database, carrier, self.clock)

    def add_to(self, api: Api, runner: ChangeRunner) -> None:
        """The routes of all changes."""
        slaves, trail = SlaveCalls(self.client), Trail(self.database, self.clock, self.require_reason)
        parts = (self.database, self.fleet, slaves, trail, self.clock)
        changes = Changes(SetLimits(*parts), SetManyLimits(*parts), DeviceSettings(*parts))
        sets = ChangeSets(self.database, trail, self.clock, runner.wake)
        imports = Imports(self.database, self.fleet, self.clock)
        undo = Undo(self.database, changes.one, changes.device, sets)
        add_changes(api, changes)
        add_change_sets(api, SetCases(imports, sets, undo, ChangeSetPages(self.database)))
