"""Times at which an order against contact does not bind."""
from alembic import op
import sqlalchemy as sa

revision = '0031h'
down_revision = '0026c'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('no_contact_openings',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('no_contact', sa.String(), nullable=False),
    sa.Column('court', sa.Text(), nullable=False),
    sa.Column('from_at', sa.String(), nullable=True),
    sa.Column('until_at', sa.String(), nullable=True),
    sa.Column('hours', sa.Text(), nullable=False),
    sa.Column('zone', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=True),
    sa.Column('added_at', sa.String(), nullable=False),
    sa.Column('added_by', sa.String(), nullable=False),
    sa.Column('second', sa.String(), nullable=False),
    sa.Column('ended_at', sa.String(), nullable=True),
    sa.Column('ended_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['no_contact'], ['no_contact.id'], name=op.f('fk_no_contact_openings_no_contact')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_no_contact_openings'))
    )
    op.create_index('ix_no_contact_openings_no_contact', 'no_contact_openings', ['no_contact'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_no_contact_openings_no_contact', table_name='no_contact_openings')
    op.drop_table('no_contact_openings')
