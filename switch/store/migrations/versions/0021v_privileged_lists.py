"""The lists of privileged numbers that were accepted, for ever."""
from alembic import op
import sqlalchemy as sa

from switch.store.migrations.guards import append_only

revision = '0021v'
down_revision = '0020s'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('privileged_lists',
    sa.Column('serial', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('numbers', sa.Text(), nullable=False),
    sa.Column('accepted_at', sa.String(), nullable=False),
    sa.Column('accepted_by', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('serial', name=op.f('pk_privileged_lists'))
    )
    append_only('privileged_lists')


def downgrade() -> None:
    op.drop_table('privileged_lists')
