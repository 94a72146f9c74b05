"""The page for families: who asked for a code, its hash once it was spoken, and numbers that asked not to be rung for one."""
from alembic import op
import sqlalchemy as sa

revision = '0036f'
down_revision = '0035n'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'family_visits',
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('number', sa.String(), nullable=False),
        sa.Column('token', sa.String(), nullable=False),
        sa.Column('asked_at', sa.String(), nullable=False),
        sa.Column('until_at', sa.String(), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('code', sa.String()),
        sa.Column('code_until_at', sa.String()),
        sa.Column('entered_until_at', sa.String()),
        sa.Column('denied', sa.String()),
        sa.Column('denied_at', sa.String()),
        sa.Column('left_at', sa.String()),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_family_visits')),
        sa.UniqueConstraint('token', name=op.f('uq_family_visits_token')),
    )
    op.create_index('ix_family_visits_number', 'family_visits', ['number', 'asked_at'])


def downgrade() -> None:
    """Calls about codes have nothing left that they could be about."""
    op.execute("DELETE FROM placed_attempts WHERE request IN (SELECT id FROM placed_calls WHERE kind = 'code')")
    op.execute("DELETE FROM placed_calls WHERE kind = 'code'")
    op.execute("UPDATE consents SET how = 'staff' WHERE how IN ('web', 'web-full')")
    op.drop_table('family_visits')
