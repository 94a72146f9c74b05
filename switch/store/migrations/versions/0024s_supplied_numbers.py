"""What the supplier API calls the contacts that it asks about."""
from alembic import op
import sqlalchemy as sa

revision = '0024s'
down_revision = '0024c'
branch_labels = None
depends_on = None

COUNTER = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('supplied_numbers',
    sa.Column('id', COUNTER, autoincrement=True, nullable=False),
    sa.Column('approval', sa.String(), nullable=False),
    sa.Column('control', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supplied_numbers')),
    sa.UniqueConstraint('approval', name=op.f('uq_supplied_numbers_approval'))
    )
    op.create_table('supplied_references',
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('number', COUNTER, nullable=False),
    sa.Column('asked', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['number'], ['supplied_numbers.id'], name=op.f('fk_supplied_references_number')),
    sa.PrimaryKeyConstraint('reference', name=op.f('pk_supplied_references'))
    )


def downgrade() -> None:
    op.drop_table('supplied_references')
    op.drop_table('supplied_numbers')
