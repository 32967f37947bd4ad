"""All tables: importing this module fills the metadata that migrations are made from."""

from app.db.tables import audit, fleet, people, slave

all_tables = (audit, fleet, people, slave)
