"""The journal of the socket proxy: who created what of Docker.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('docker_journal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('object_id', sa.String(length=300), nullable=False),
    sa.Column('uid', sa.BigInteger(), nullable=True),
    sa.Column('user', sa.String(length=256), nullable=True),
    sa.Column('peer_uid', sa.BigInteger(), nullable=False),
    sa.Column('login_uid', sa.BigInteger(), nullable=True),
    sa.Column('pid', sa.BigInteger(), nullable=False),
    sa.Column('container_id', sa.String(length=64), nullable=True),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_docker_journal'))
    )
    op.create_index('ix_docker_journal_object_id', 'docker_journal', ['object_id', 'kind'], unique=False)
    op.create_index(op.f('ix_docker_journal_at'), 'docker_journal', ['at'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_docker_journal_at'), table_name='docker_journal')
    op.drop_index('ix_docker_journal_object_id', table_name='docker_journal')
    op.drop_table('docker_journal')
