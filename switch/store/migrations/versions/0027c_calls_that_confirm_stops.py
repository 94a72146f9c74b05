"""Calls of the switch that ask a number itself whether its calls are to be stopped: they are about a request, and about nobody."""
from alembic import op
import sqlalchemy as sa

revision = '0027c'
down_revision = '0032h'
branch_labels = None
depends_on = None

DUE = sa.text("state = 'due'")


def upgrade() -> None:
    op.drop_index('ix_placed_calls_due', 'placed_calls')
    with op.batch_alter_table('placed_calls') as table:
        table.alter_column('person', existing_type=sa.String(), nullable=True)
        table.add_column(sa.Column('stop_request', sa.String(), nullable=True))
        table.add_column(sa.Column('code', sa.String(), nullable=True))
        table.create_foreign_key(op.f('fk_placed_calls_stop_request'), 'stop_requests', ['stop_request'], ['id'])
    op.create_index('ix_placed_calls_due', 'placed_calls', ['not_before'], sqlite_where=DUE, postgresql_where=DUE)
    op.create_index(op.f('ix_placed_calls_stop_request'), 'placed_calls', ['stop_request'])


def downgrade() -> None:
    """Requests that wait to be confirmed by a call have nothing that could carry them."""
    op.execute('DELETE FROM placed_attempts WHERE request IN (SELECT id FROM placed_calls WHERE stop_request IS NOT NULL)')
    op.execute('DELETE FROM placed_calls WHERE stop_request IS NOT NULL')
    op.drop_index('ix_placed_calls_due', 'placed_calls')
    op.drop_index(op.f('ix_placed_calls_stop_request'), 'placed_calls')
    with op.batch_alter_table('placed_calls') as table:
        table.drop_constraint(op.f('fk_placed_calls_stop_request'), type_='foreignkey')
        table.drop_column('stop_request')
        table.drop_column('code')
        table.alter_column('person', existing_type=sa.String(), nullable=False)
    op.create_index('ix_placed_calls_due', 'placed_calls', ['not_before'], sqlite_where=DUE, postgresql_where=DUE)
