"""Codes that were texted to a number, so that a YES by text is known to come from it."""
from alembic import op
import sqlalchemy as sa

revision = '0011p'
down_revision = '0010p'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('consent_texts',
    sa.Column('request', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('until_at', sa.String(), nullable=False),
    sa.Column('wrong', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['request'], ['placed_calls.id'], name=op.f('fk_consent_texts_request')),
    sa.PrimaryKeyConstraint('request', name=op.f('pk_consent_texts'))
    )


def downgrade() -> None:
    op.drop_table('consent_texts')
