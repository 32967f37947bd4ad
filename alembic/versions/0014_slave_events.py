"""What slaves tell the master: events, each once.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('slave_event',
    sa.Column('host_id', sa.String(length=100), nullable=False),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('type', sa.String(length=50), nullable=False),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('device', sa.Text(), nullable=True),
    sa.Column('uid', sa.BigInteger(), nullable=True),
    sa.Column('user', sa.String(length=256), nullable=True),
    sa.Column('container_id', sa.String(length=64), nullable=True),
    sa.Column('container_name', sa.Text(), nullable=True),
    sa.Column('used_bytes', sa.BigInteger(), nullable=True),
    sa.Column('limit_bytes', sa.BigInteger(), nullable=True),
    sa.Column('explanation', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('host_id', 'id', name=op.f('pk_slave_event'))
    )
    op.create_index('ix_slave_event_occurred_at', 'slave_event', ['occurred_at', 'id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_slave_event_occurred_at', table_name='slave_event')
    op.drop_table('slave_event')
