"""What keeps the audit trail append-only, whoever writes to it: triggers of the database itself.

No row is ever deleted. A row is updated only while its outcome is unknown and nothing has settled it, and then only
what says how it ended. The migration that made them has its own copy; one that copies the table makes them anew.
"""

from collections.abc import Mapping, Sequence

_REFUSAL = "the audit trail is append-only"
_SETTLED = ("outcome", "after", "problem", "settled_at", "settled_by")
_FIXED = (
    *("id", "at", "actor_id", "actor_name", "via", "action", "host_id", "device", "quota_type", "target_id"),
    *("target_name", "before", "reason", "origin", "undo_of", "token_id", "token_name", "change_set_id", "resend_of"),
)
_SAME_ON_SQLITE = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in _FIXED)
_SETTLED_ON_POSTGRESQL = ", ".join(f"'{name}'" for name in _SETTLED)

_GUARD_ON_SQLITE = f"""
CREATE TRIGGER audit_only_settled BEFORE UPDATE ON audit
WHEN NOT (OLD.outcome = 'unknown' AND OLD.settled_at IS NULL AND {_SAME_ON_SQLITE})
BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END
"""
_CHECK_ON_POSTGRESQL = f"""
CREATE FUNCTION audit_check_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF OLD.outcome = 'unknown' AND OLD.settled_at IS NULL
AND to_jsonb(NEW) - ARRAY[{_SETTLED_ON_POSTGRESQL}] = to_jsonb(OLD) - ARRAY[{_SETTLED_ON_POSTGRESQL}]
THEN RETURN NEW; END IF;
RAISE EXCEPTION '{_REFUSAL}'; END $$
"""
_REFUSE_ON_POSTGRESQL = f"""
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$
"""

AUDIT_GUARDS: Mapping[str, Sequence[str]] = {
    "sqlite": (
        f"CREATE TRIGGER audit_never_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
        _GUARD_ON_SQLITE,
    ),
    "postgresql": (
        _REFUSE_ON_POSTGRESQL,
        _CHECK_ON_POSTGRESQL,
        "CREATE TRIGGER audit_never_deleted BEFORE DELETE OR TRUNCATE ON audit EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_only_settled BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_check_update()",
    ),
}
