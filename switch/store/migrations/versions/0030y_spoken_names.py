"""Names given a sound, for the calls that the switch places itself."""
import sqlalchemy as sa
from alembic import op

revision = '0030y'
down_revision = '0031h'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'spoken_names',
        sa.Column('whose', sa.String(), nullable=False),
        sa.Column('of', sa.String(), nullable=False),
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('sound', sa.LargeBinary(), nullable=False),
        sa.Column('seconds', sa.Float(), nullable=False),
        sa.Column('made_at', sa.String(), nullable=False),
        sa.Column('made_by', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('whose', 'of', name=op.f('pk_spoken_names')),
        sa.UniqueConstraint('id', name=op.f('uq_spoken_names_id')),
    )


def downgrade() -> None:
    op.drop_table('spoken_names')
