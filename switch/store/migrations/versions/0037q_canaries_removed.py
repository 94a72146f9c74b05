"""An establishment may lose its canary again; its row stays for its runs."""
from alembic import op
import sqlalchemy as sa

revision = '0037q'
down_revision = '0036f'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('canaries', sa.Column('removed_at', sa.String(), nullable=True))
    op.add_column('canaries', sa.Column('removed_by', sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column('canaries', 'removed_by')
    op.drop_column('canaries', 'removed_at')
