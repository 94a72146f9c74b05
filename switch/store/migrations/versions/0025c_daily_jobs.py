"""What is done once a day, and which worker took it."""
from alembic import op
import sqlalchemy as sa

revision = '0025c'
down_revision = '0024s'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('daily_jobs',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('establishment', sa.String(), nullable=False),
    sa.Column('day', sa.String(), nullable=False),
    sa.Column('taken_until', sa.String(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('done_at', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('name', 'establishment', 'day', name=op.f('pk_daily_jobs'))
    )


def downgrade() -> None:
    op.drop_table('daily_jobs')
