"""All tables: importing this module fills the metadata that migrations are made from."""

from app.db.tables import (
    audit,
    changes,
    docker_enforcement,
    docker_hosts,
    docker_ledger,
    docker_proxy,
    fleet,
    history,
    hosts,
    people,
    slave,
    slave_events,
)

all_tables = (
    audit,
    changes,
    docker_enforcement,
    docker_hosts,
    docker_ledger,
    docker_proxy,
    fleet,
    history,
    hosts,
    people,
    slave,
    slave_events,
)
