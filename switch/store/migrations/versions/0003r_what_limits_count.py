"""What the rules of a plan go by: incentive levels, answered calls by time, bundles of minutes, leave of staff."""
import sqlalchemy as sa
from alembic import op

revision = '0003r'
down_revision = '0001'
branch_labels = None
depends_on = None

TALKED = sa.text("talk_ms > 0")
BUNDLED = sa.text("bundle IS NOT NULL")


def upgrade() -> None:
    op.add_column('people', sa.Column('incentive', sa.String(), nullable=False, server_default=''))
    op.add_column('cdrs', sa.Column('permit', sa.String(), nullable=True))
    op.add_column('cdrs', sa.Column('bundle', sa.String(), nullable=True))
    op.add_column('cdrs', sa.Column('bundle_seconds', sa.Integer(), nullable=True))
    op.create_index('ix_cdrs_person_talked', 'cdrs', ['person', 'started_at'], sqlite_where=TALKED, postgresql_where=TALKED)
    op.create_index('ix_cdrs_bundle', 'cdrs', ['bundle'], sqlite_where=BUNDLED, postgresql_where=BUNDLED)
    op.create_table(
        'bundles',
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('person', sa.String(), nullable=False),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('from_at', sa.String(), nullable=False),
        sa.Column('until_at', sa.String(), nullable=False),
        sa.Column('seconds', sa.Integer(), nullable=False),
        sa.Column('price', sa.BigInteger(), nullable=False),
        sa.Column('sold_by', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_bundles_person')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_bundles')),
    )
    op.create_index('ix_bundles_person_until_at', 'bundles', ['person', 'until_at'])
    op.create_table(
        'permits',
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('person', sa.String(), nullable=False),
        sa.Column('number', sa.String(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('from_at', sa.String(), nullable=False),
        sa.Column('until_at', sa.String(), nullable=False),
        sa.Column('once', sa.Boolean(), nullable=False),
        sa.Column('given_by', sa.String(), nullable=False),
        sa.Column('agreed_by', sa.String(), nullable=True),
        sa.Column('given_at', sa.String(), nullable=False),
        sa.Column('withdrawn_at', sa.String(), nullable=True),
        sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_permits_person')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_permits')),
    )
    op.create_index('ix_permits_person_number', 'permits', ['person', 'number'])


def downgrade() -> None:
    op.drop_table('permits')
    op.drop_table('bundles')
    op.drop_index('ix_cdrs_bundle', 'cdrs')
    op.drop_index('ix_cdrs_person_talked', 'cdrs')
    op.drop_column('cdrs', 'bundle_seconds')
    op.drop_column('cdrs', 'bundle')
    op.drop_column('cdrs', 'permit')
    op.drop_column('people', 'incentive')
