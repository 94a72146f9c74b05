"""What the limits of a plan go by: a person's incentive level, and their answered calls by time."""
import sqlalchemy as sa
from alembic import op

revision = '0003r'
down_revision = '0001'
branch_labels = None
depends_on = None

TALKED = sa.text("talk_ms > 0")


def upgrade() -> None:
    op.add_column('people', sa.Column('incentive', sa.String(), nullable=False, server_default=''))
    op.create_index('ix_cdrs_person_talked', 'cdrs', ['person', 'started_at'], sqlite_where=TALKED, postgresql_where=TALKED)


def downgrade() -> None:
    op.drop_index('ix_cdrs_person_talked', 'cdrs')
    op.drop_column('people', 'incentive')
