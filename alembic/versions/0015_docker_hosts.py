"""What the master last heard of Docker's objects on its hosts, and what users say is theirs.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op


revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('docker_reading',
    sa.Column('host_id', sa.String(length=100), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('problem_code', sa.String(length=50), nullable=True),
    sa.Column('problem_detail', sa.String(length=500), nullable=True),
    sa.PrimaryKeyConstraint('host_id', name=op.f('pk_docker_reading'))
    )
    op.create_table('docker_claim',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('host_id', sa.String(length=100), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('object_id', sa.String(length=255), nullable=False),
    sa.Column('person_id', sa.String(length=36), nullable=False),
    sa.Column('person_name', sa.String(length=256), nullable=False),
    sa.Column('username', sa.String(length=256), nullable=False),
    sa.Column('uid', sa.BigInteger(), nullable=False),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_docker_claim_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_docker_claim'))
    )
    op.create_index('ix_docker_claim_object_id', 'docker_claim', ['host_id', 'kind', 'object_id'], unique=False)
    op.create_index('ix_docker_claim_person_id', 'docker_claim', ['person_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_docker_claim_person_id', table_name='docker_claim')
    op.drop_index('ix_docker_claim_object_id', table_name='docker_claim')
    op.drop_table('docker_claim')
    op.drop_table('docker_reading')
