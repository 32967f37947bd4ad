"""Enforcement of the Docker quota: who is above, what was decided, and events for the master.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('docker_standing',
    sa.Column('uid', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('dry_run', sa.Boolean(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('is_exhausted', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('uid', name=op.f('pk_docker_standing'))
    )
    op.create_table('docker_decision',
    sa.Column('container_id', sa.String(length=64), nullable=False),
    sa.Column('step', sa.String(length=10), nullable=False),
    sa.Column('dry_run', sa.Boolean(), nullable=False),
    sa.Column('uid', sa.BigInteger(), nullable=False),
    sa.Column('event_id', sa.String(length=36), nullable=False),
    sa.Column('event', sa.Text(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('container_id', 'step', 'dry_run', name=op.f('pk_docker_decision'))
    )
    op.create_table('docker_event',
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('problem', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_docker_event')),
    sa.UniqueConstraint('id', name=op.f('uq_docker_event_id'))
    )
    op.create_index(op.f('ix_docker_event_occurred_at'), 'docker_event', ['occurred_at'], unique=False)
    op.create_index(op.f('ix_docker_event_state'), 'docker_event', ['state'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_docker_event_state'), table_name='docker_event')
    op.drop_index(op.f('ix_docker_event_occurred_at'), table_name='docker_event')
    op.drop_table('docker_event')
    op.drop_table('docker_decision')
    op.drop_table('docker_standing')
