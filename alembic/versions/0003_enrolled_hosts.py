"""Hosts that are enrolled in the dashboard, codes for that, and hosts that are suspended.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('enrolled_host',
    sa.Column('id', sa.String(length=100), nullable=False),
    sa.Column('label', sa.String(length=200), nullable=False),
    sa.Column('url', sa.String(length=500), nullable=False),
    sa.Column('ca_file', sa.String(length=1000), nullable=True),
    sa.Column('sealed_keys', sa.Text(), nullable=True),
    sa.Column('keys_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('enrolled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('rotation', sa.String(length=20), nullable=True),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enrolled_host'))
    )
    op.create_table('fleet_revision',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('revision', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fleet_revision'))
    )
    op.create_table('enrolment_code',
    sa.Column('id', sa.String(length=20), nullable=False),
    sa.Column('host_id', sa.String(length=100), nullable=False),
    sa.Column('sealed_keys', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('person_id', sa.String(length=36), nullable=False),
    sa.Column('person_name', sa.String(length=256), nullable=False),
    sa.ForeignKeyConstraint(['host_id'], ['enrolled_host.id'], name=op.f('fk_enrolment_code_host_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enrolment_code'))
    )
    op.create_index(op.f('ix_enrolment_code_host_id'), 'enrolment_code', ['host_id'])
    op.add_column('host', sa.Column('suspended_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('host', 'suspended_at')
    op.drop_index(op.f('ix_enrolment_code_host_id'), table_name='enrolment_code')
    op.drop_table('enrolment_code')
    op.drop_table('fleet_revision')
    op.drop_table('enrolled_host')
