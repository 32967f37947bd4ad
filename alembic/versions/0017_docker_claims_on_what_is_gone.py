"""A claim on an object that is gone is closed. Before, it stayed open for ever: nothing but the word is new.

Revision ID: 0017
Revises: 0016
"""

from alembic import op


revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The next reading of each host closes them."""


def downgrade() -> None:
    op.execute("UPDATE docker_claim SET state = 'open', settled_at = NULL WHERE state = 'gone'")
