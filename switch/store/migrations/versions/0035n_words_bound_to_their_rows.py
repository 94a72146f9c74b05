"""A row of the audit tells by a hash what stands beside it, so that words which somebody takes away or changes are missed.

Rows from before tell nothing of it, as their hashes were made without.
"""
from alembic import op
import sqlalchemy as sa

revision = '0035n'
down_revision = '0035c'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('audit', sa.Column('words', sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column('audit', 'words')
