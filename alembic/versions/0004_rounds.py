"""The collector's schedule: when each host is due, and who may read it.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

COLUMNS = ('fullest', 'failures', 'next_due_at', 'claim', 'claimed_until')


def upgrade() -> None:
    op.add_column('host', sa.Column('fullest', sa.Double(), server_default='-1', nullable=False))
    op.add_column('host', sa.Column('failures', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('host', sa.Column('next_due_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('host', sa.Column('claim', sa.String(length=40), nullable=True))
    op.add_column('host', sa.Column('claimed_until', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column('host', name)
