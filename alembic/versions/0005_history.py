"""History of quotas and devices, forecasts of devices, what the fleet used by day.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('history_series',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('host_id', sa.String(length=100), nullable=False),
    sa.Column('device', sa.String(length=1000), nullable=False),
    sa.Column('quota_type', sa.String(length=10), nullable=False),
    sa.Column('quota_id', sa.BigInteger(), nullable=False),
    sa.Column('last_slot', sa.BigInteger(), nullable=False),
    sa.Column('block_current', sa.BigInteger(), nullable=False),
    sa.Column('block_hard_limit', sa.BigInteger(), nullable=False),
    sa.Column('inode_current', sa.BigInteger(), nullable=False),
    sa.Column('gone', sa.Boolean(), nullable=False),
    sa.Column('recent_since', sa.BigInteger(), nullable=True),
    sa.Column('recent', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_history_series')),
    sa.UniqueConstraint('host_id', 'device', 'quota_type', 'quota_id', name=op.f('uq_history_series_host_id_device_quota_type_quota_id'))
    )
    op.create_index('ix_history_series_recent_since', 'history_series', ['recent_since'])
    op.create_table('history_chunk',
    sa.Column('series_id', sa.Integer(), nullable=False),
    sa.Column('tier', sa.SmallInteger(), nullable=False),
    sa.Column('start', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['series_id'], ['history_series.id'], name=op.f('fk_history_chunk_series_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('series_id', 'tier', 'start', name=op.f('pk_history_chunk'))
    )
    op.create_index('ix_history_chunk_tier', 'history_chunk', ['tier', 'start'])
    op.create_table('device_forecast',
    sa.Column('host_id', sa.String(length=100), nullable=False),
    sa.Column('device', sa.String(length=1000), nullable=False),
    sa.Column('computed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('full_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('earliest', sa.DateTime(timezone=True), nullable=True),
    sa.Column('latest', sa.DateTime(timezone=True), nullable=True),
    sa.Column('basis_points', sa.BigInteger(), nullable=False),
    sa.Column('confidence', sa.String(length=20), nullable=False),
    sa.PrimaryKeyConstraint('host_id', 'device', name=op.f('pk_device_forecast'))
    )
    op.create_table('fleet_day',
    sa.Column('day', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used', sa.BigInteger(), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=False),
    sa.Column('devices', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_fleet_day'))
    )


def downgrade() -> None:
    op.drop_table('fleet_day')
    op.drop_table('device_forecast')
    op.drop_index('ix_history_chunk_tier', table_name='history_chunk')
    op.drop_table('history_chunk')
    op.drop_index('ix_history_series_recent_since', table_name='history_series')
    op.drop_table('history_series')
