"""The sound of a contact's name, for the telephone's menu."""
import sqlalchemy as sa
from alembic import op

revision = '0031m'
down_revision = '0027c'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'contact_names',
        sa.Column('contact', sa.String(), nullable=False),
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('sound', sa.LargeBinary(), nullable=False),
        sa.Column('seconds', sa.Float(), nullable=False),
        sa.Column('made_at', sa.String(), nullable=False),
        sa.Column('made_by', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['contact'], ['contacts.id'], name=op.f('fk_contact_names_contact')),
        sa.PrimaryKeyConstraint('contact', name=op.f('pk_contact_names')),
        sa.UniqueConstraint('id', name=op.f('uq_contact_names_id')),
    )


def downgrade() -> None:
    op.drop_table('contact_names')
