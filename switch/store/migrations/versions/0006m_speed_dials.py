"""The telephone's own menu: what is on its speed-dial keys."""
import sqlalchemy as sa
from alembic import op

revision = '0006m'
down_revision = '0005w'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'speed_dials',
        sa.Column('person', sa.String(), nullable=False),
        sa.Column('slot', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('number', sa.String(), nullable=False),
        sa.Column('set_at', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_speed_dials_person')),
        sa.PrimaryKeyConstraint('person', 'slot', name=op.f('pk_speed_dials')),
    )


def downgrade() -> None:
    op.drop_table('speed_dials')
