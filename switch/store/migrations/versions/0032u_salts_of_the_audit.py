"""A salt for each row of the audit: its hash can then be shown to somebody outside without what the row says."""
from alembic import op
import sqlalchemy as sa

revision = '0032u'
down_revision = '0031y'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('audit', sa.Column('salt', sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column('audit', 'salt')
