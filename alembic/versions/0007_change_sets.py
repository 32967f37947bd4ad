"""Change sets and their lines; the audit trail says how an outcome became known, and is append-only.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

SETTLED = ('outcome', 'after', 'problem', 'settled_at', 'settled_by')
FIXED = (
    'id', 'at', 'actor_id', 'actor_name', 'via', 'action', 'host_id', 'device', 'quota_type', 'target_id',
    'target_name', 'before', 'reason', 'origin', 'undo_of', 'token_id', 'token_name', 'change_set_id', 'resend_of',
)
NEW_COLUMNS = ('change_set_id', 'resend_of', 'settled_at', 'settled_by')
OPEN = sa.text("outcome = 'unknown' AND settled_at IS NULL")


def upgrade() -> None:
    op.create_table('change_set',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('actor_id', sa.String(length=36), nullable=False),
    sa.Column('actor_name', sa.String(length=256), nullable=False),
    sa.Column('via', sa.String(length=10), nullable=False),
    sa.Column('origin', sa.String(length=100), nullable=False),
    sa.Column('token_id', sa.String(length=36), nullable=True),
    sa.Column('token_name', sa.String(length=100), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('undo_of', sa.String(length=36), nullable=True),
    sa.Column('force', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_change_set'))
    )
    with op.batch_alter_table('change_set', schema=None) as batch_op:
        batch_op.create_index('ix_change_set_created_at', ['created_at'], unique=False)
        batch_op.create_index('ix_change_set_state', ['state'], unique=False)
    op.create_table('change_line',
    sa.Column('change_set_id', sa.String(length=36), nullable=False),
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('host_id', sa.String(length=100), nullable=False),
    sa.Column('device', sa.String(length=1000), nullable=False),
    sa.Column('quota_type', sa.String(length=10), nullable=False),
    sa.Column('quota_id', sa.BigInteger(), nullable=True),
    sa.Column('name', sa.String(length=256), nullable=False),
    sa.Column('limits', sa.JSON(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=True),
    sa.Column('expected', sa.JSON(), nullable=True),
    sa.Column('outcome', sa.String(length=10), nullable=False),
    sa.Column('below_usage', sa.Boolean(), nullable=False),
    sa.Column('problem', sa.JSON(), nullable=True),
    sa.Column('audit_id', sa.String(length=36), nullable=True),
    sa.Column('undo_of', sa.String(length=36), nullable=True),
    sa.ForeignKeyConstraint(['change_set_id'], ['change_set.id'], name=op.f('fk_change_line_change_set_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('change_set_id', 'number', name=op.f('pk_change_line'))
    )
    with op.batch_alter_table('change_line', schema=None) as batch_op:
        batch_op.create_index('ix_change_line_audit_id', ['audit_id'], unique=False)
        batch_op.create_index('ix_change_line_outcome', ['change_set_id', 'outcome'], unique=False)
    op.add_column('audit', sa.Column('change_set_id', sa.String(length=36), nullable=True))
    op.add_column('audit', sa.Column('resend_of', sa.String(length=36), nullable=True))
    op.add_column('audit', sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('audit', sa.Column('settled_by', sa.String(length=10), nullable=True))
    op.create_index('ix_audit_change_set_id', 'audit', ['change_set_id'], unique=False)
    op.create_index('ix_audit_open', 'audit', ['at'], unique=False, sqlite_where=OPEN, postgresql_where=OPEN)
    guard_on_sqlite() if op.get_bind().dialect.name == 'sqlite' else guard_on_postgresql()


def guard_on_sqlite() -> None:
    same = ' AND '.join(f'NEW."{name}" IS OLD."{name}"' for name in FIXED)
    refuse = "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
    op.execute(f'CREATE TRIGGER audit_never_deleted BEFORE DELETE ON audit {refuse}')
    op.execute(
        'CREATE TRIGGER audit_only_settled BEFORE UPDATE ON audit WHEN NOT '
        f"(OLD.outcome = 'unknown' AND OLD.settled_at IS NULL AND {same}) {refuse}"
    )


def guard_on_postgresql() -> None:
    settled = ', '.join(f"'{name}'" for name in SETTLED)
    refuse = "RAISE EXCEPTION 'the audit trail is append-only'"
    op.execute(f'CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {refuse}; END $$')
    op.execute(
        'CREATE FUNCTION audit_check_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN '
        "IF OLD.outcome = 'unknown' AND OLD.settled_at IS NULL "
        f'AND to_jsonb(NEW) - ARRAY[{settled}] = to_jsonb(OLD) - ARRAY[{settled}] '
        f'THEN RETURN NEW; END IF; {refuse}; END $$'
    )
    op.execute('CREATE TRIGGER audit_never_deleted BEFORE DELETE OR TRUNCATE ON audit EXECUTE FUNCTION audit_refuse()')
    op.execute('CREATE TRIGGER audit_only_settled BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_check_update()')


def downgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == 'sqlite'
    for trigger in ('audit_never_deleted', 'audit_only_settled'):
        op.execute(f'DROP TRIGGER {trigger}' if on_sqlite else f'DROP TRIGGER {trigger} ON audit')
    if not on_sqlite:
        op.execute('DROP FUNCTION audit_refuse()')
        op.execute('DROP FUNCTION audit_check_update()')
    op.drop_index('ix_audit_open', table_name='audit')
    op.drop_index('ix_audit_change_set_id', table_name='audit')
    with op.batch_alter_table('audit', schema=None) as batch_op:
        for column in NEW_COLUMNS:
            batch_op.drop_column(column)
    op.drop_table('change_line')
    op.drop_table('change_set')
