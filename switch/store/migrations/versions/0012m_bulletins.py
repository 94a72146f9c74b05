"""Bulletins that the telephones' menu tells."""
import sqlalchemy as sa
from alembic import op

revision = '0012m'
down_revision = '0022v'
branch_labels = None
depends_on = None

IN_FORCE = sa.text("withdrawn_at IS NULL")


def upgrade() -> None:
    op.create_table(
        'bulletins',
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('establishment', sa.String(), nullable=False),
        sa.Column('wing', sa.String(), nullable=True),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('sound', sa.LargeBinary(), nullable=False),
        sa.Column('seconds', sa.Float(), nullable=False),
        sa.Column('from_at', sa.String(), nullable=False),
        sa.Column('until_at', sa.String(), nullable=False),
        sa.Column('published_at', sa.String(), nullable=False),
        sa.Column('published_by', sa.String(), nullable=False),
        sa.Column('withdrawn_at', sa.String(), nullable=True),
        sa.ForeignKeyConstraint(['establishment'], ['establishments.id'], name=op.f('fk_bulletins_establishment')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_bulletins')),
    )
    op.create_index('ix_bulletins_in_force', 'bulletins', ['establishment', 'until_at'], sqlite_where=IN_FORCE,
                    postgresql_where=IN_FORCE)


def downgrade() -> None:
    op.drop_table('bulletins')
