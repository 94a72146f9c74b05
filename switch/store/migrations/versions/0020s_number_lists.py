"""Number lists, confirmed requests to stop contact, wrong numbers; who placed a stop, why, and with whom."""
import sqlalchemy as sa
from alembic import op

revision = '0020s'
down_revision = '0011k'
branch_labels = None
depends_on = None

IN_FORCE = sa.text("ended_at IS NULL")
STANDING = sa.text("verified_at IS NULL")


def upgrade() -> None:
    op.create_table(
        'number_lists',
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('number', sa.String(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('level', sa.String(), nullable=False),
        sa.Column('target', sa.String(), nullable=True),
        sa.Column('victim', sa.Boolean(), nullable=False),
        sa.Column('cut_live', sa.Boolean(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('added_by', sa.String(), nullable=False),
        sa.Column('added_at', sa.String(), nullable=False),
        sa.Column('from_at', sa.String(), nullable=False),
        sa.Column('until_at', sa.String(), nullable=True),
        sa.Column('ended_at', sa.String(), nullable=True),
        sa.Column('ended_by', sa.String(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_number_lists')),
    )
    op.create_index('ix_number_lists_in_force', 'number_lists', ['number'], sqlite_where=IN_FORCE, postgresql_where=IN_FORCE)
    op.create_table(
        'stop_requests',
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('number', sa.String(), nullable=False),
        sa.Column('scope', sa.String(), nullable=False),
        sa.Column('person', sa.String(), nullable=True),
        sa.Column('undo', sa.Boolean(), nullable=False),
        sa.Column('source', sa.String(), nullable=False),
        sa.Column('asked_at', sa.String(), nullable=False),
        sa.Column('until_at', sa.String(), nullable=False),
        sa.Column('code', sa.String(), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('done_at', sa.String(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_stop_requests')),
    )
    op.create_index(op.f('ix_stop_requests_number'), 'stop_requests', ['number'])
    op.create_table(
        'wrong_numbers',
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('number', sa.String(), nullable=False),
        sa.Column('person', sa.String(), nullable=True),
        sa.Column('at', sa.String(), nullable=False),
        sa.Column('verified_at', sa.String(), nullable=True),
        sa.Column('verified_by', sa.String(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_wrong_numbers')),
    )
    op.create_index('ix_wrong_numbers_standing', 'wrong_numbers', ['number'], sqlite_where=STANDING, postgresql_where=STANDING)
    op.add_column('stops', sa.Column('source', sa.String(), nullable=False, server_default='call'))
    op.add_column('stops', sa.Column('reason', sa.Text(), nullable=False, server_default=''))
    op.add_column('stops', sa.Column('second', sa.String(), nullable=True))
    op.add_column('stops', sa.Column('undone_by', sa.String(), nullable=True))


def downgrade() -> None:
    for column in ('undone_by', 'second', 'reason', 'source'):
        op.drop_column('stops', column)
    op.drop_index('ix_wrong_numbers_standing', 'wrong_numbers', sqlite_where=STANDING, postgresql_where=STANDING)
    op.drop_table('wrong_numbers')
    op.drop_index(op.f('ix_stop_requests_number'), 'stop_requests')
    op.drop_table('stop_requests')
    op.drop_index('ix_number_lists_in_force', 'number_lists', sqlite_where=IN_FORCE, postgresql_where=IN_FORCE)
    op.drop_table('number_lists')
