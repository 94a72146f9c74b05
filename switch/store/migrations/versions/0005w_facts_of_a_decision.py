"""The facts of each decision beside it, so that a changed plan can be tried on the past."""
from alembic import op
import sqlalchemy as sa

revision = '0005w'
down_revision = '0004d'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('cdrs', sa.Column('facts', sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column('cdrs', 'facts')
