"""The index of quotas that need attention: these alone, in the order in which they are shown.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

IN_NEED = sa.text('attention = 1')
COLUMNS = ['severity', 'fullness', 'host_id', 'device', 'quota_type', 'quota_id']


def upgrade() -> None:
    op.drop_index('ix_quota_attention', table_name='quota')
    op.create_index('ix_quota_attention', 'quota', COLUMNS, sqlite_where=IN_NEED, postgresql_where=IN_NEED)


def downgrade() -> None:
    op.drop_index('ix_quota_attention', table_name='quota')
    op.create_index('ix_quota_attention', 'quota', ['attention', 'severity', 'fullness'])
