"""Builds what the worker of a slave needs: the use cases of its tasks, on the state that it shares with the server."""

from app.bootstrap.slave import device_access, real_parts
from app.db.migrate import ensure_schema
from app.settings.slave import SlaveSettings
from app.slave.defaults import DefaultsApplier


def defaults_applier(settings: SlaveSettings) -> DefaultsApplier:
    """The use case "put default limits in place". Its connections are this process's own: build it after a fork."""
    parts = real_parts(settings, is_server=False)
    ensure_schema(parts.database)
    return DefaultsApplier(device_access(settings, parts))
