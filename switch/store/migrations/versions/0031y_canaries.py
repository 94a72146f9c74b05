"""The canary of each establishment, and its runs."""
import sqlalchemy as sa
from alembic import op

revision = '0031y'
down_revision = '0030a'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'canaries',
        sa.Column('establishment', sa.String(), nullable=False),
        sa.Column('phone', sa.String(), nullable=False),
        sa.Column('person', sa.String(), nullable=False),
        sa.Column('number', sa.String(), nullable=False),
        sa.Column('permit', sa.String(), nullable=False),
        sa.Column('added_at', sa.String(), nullable=False),
        sa.Column('added_by', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['establishment'], ['establishments.id'], name=op.f('fk_canaries_establishment')),
        sa.ForeignKeyConstraint(['phone'], ['phones.id'], name=op.f('fk_canaries_phone')),
        sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_canaries_person')),
        sa.ForeignKeyConstraint(['permit'], ['permits.id'], name=op.f('fk_canaries_permit')),
        sa.PrimaryKeyConstraint('establishment', name=op.f('pk_canaries')),
    )
    op.create_table(
        'canary_runs',
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('establishment', sa.String(), nullable=False),
        sa.Column('began_at', sa.String(), nullable=False),
        sa.Column('ended_at', sa.String(), nullable=True),
        sa.Column('verdict', sa.String(), nullable=True),
        sa.Column('call', sa.String(), nullable=True),
        sa.Column('problems', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['establishment'], ['canaries.establishment'], name=op.f('fk_canary_runs_establishment')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_canary_runs')),
    )
    op.create_index('ix_canary_runs_establishment', 'canary_runs', ['establishment', 'began_at'])


def downgrade() -> None:
    op.drop_table('canary_runs')
    op.drop_table('canaries')
