"""The index of quotas by name answers whose rows are whose, and which are the fullest, by itself.

Revision ID: 0013
Revises: 0012
"""

from alembic import op


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index('ix_quota_name', table_name='quota')
    op.create_index('ix_quota_name', 'quota', ['name', 'host_id', 'device', 'quota_type', 'quota_id', 'fullness'])


def downgrade() -> None:
    op.drop_index('ix_quota_name', table_name='quota')
    op.create_index('ix_quota_name', 'quota', ['name'])
