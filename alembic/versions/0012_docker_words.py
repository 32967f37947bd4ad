"""What admins say about whose Docker's objects are: every word, with what stood before it.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('docker_word',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('object_id', sa.String(length=255), nullable=False),
    sa.Column('created_ns', sa.BigInteger(), nullable=False),
    sa.Column('said_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('said_by', sa.String(length=256), nullable=False),
    sa.Column('action', sa.String(length=10), nullable=False),
    sa.Column('uid', sa.BigInteger(), nullable=True),
    sa.Column('user', sa.String(length=256), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('before', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_docker_word'))
    )
    op.create_index('ix_docker_word_object_id', 'docker_word', ['object_id', 'kind'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_docker_word_object_id', table_name='docker_word')
    op.drop_table('docker_word')
