"""What waits for a second member of staff may have been asked on a page, by no key."""
import sqlalchemy as sa
from alembic import op

revision = '0038c'
down_revision = '0037q'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('proposals') as batch:
        batch.alter_column('key', existing_type=sa.String(), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM proposals WHERE key IS NULL")
    with op.batch_alter_table('proposals') as batch:
        batch.alter_column('key', existing_type=sa.String(), nullable=False)
