"""What keeps recordings past their time, and what reconciliation found wrong with them."""
from alembic import op
import sqlalchemy as sa

revision = '0032k'
down_revision = '0032q'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('recording_holds',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('reach', sa.String(), nullable=False),
    sa.Column('target', sa.String(), nullable=False),
    sa.Column('governor', sa.String(), nullable=False),
    sa.Column('necessity', sa.Text(), nullable=False),
    sa.Column('proportionality', sa.Text(), nullable=False),
    sa.Column('cause', sa.String(), nullable=False),
    sa.Column('placed_by', sa.String(), nullable=False),
    sa.Column('placed_at', sa.String(), nullable=False),
    sa.Column('until_at', sa.String(), nullable=False),
    sa.Column('released_at', sa.String(), nullable=True),
    sa.Column('released_by', sa.String(), nullable=True),
    sa.Column('release_why', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recording_holds'))
    )
    op.create_index('ix_recording_holds_standing', 'recording_holds', ['reach', 'target'],
                    sqlite_where=sa.text('released_at IS NULL'), postgresql_where=sa.text('released_at IS NULL'))
    op.create_table('recording_incidents',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('call', sa.String(), nullable=False),
    sa.Column('establishment', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('found_at', sa.String(), nullable=False),
    sa.Column('closed_at', sa.String(), nullable=True),
    sa.Column('closed_by', sa.String(), nullable=True),
    sa.Column('closed_why', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recording_incidents'))
    )
    op.create_index('ix_recording_incidents_open', 'recording_incidents', ['found_at'],
                    sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))


def downgrade() -> None:
    op.drop_index('ix_recording_incidents_open', 'recording_incidents')
    op.drop_table('recording_incidents')
    op.drop_index('ix_recording_holds_standing', 'recording_holds')
    op.drop_table('recording_holds')
