"""Keys have holders; first answers are kept; what takes two members of staff waits for the second."""
from alembic import op
import sqlalchemy as sa

revision = '0030a'
down_revision = '0031m'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('access_keys') as batch:
        batch.add_column(sa.Column('holder', sa.String(), nullable=True))
    op.create_table('kept_answers',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('asked', sa.String(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('until_at', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['key'], ['access_keys.id'], name=op.f('fk_kept_answers_key')),
    sa.PrimaryKeyConstraint('key', 'name', name=op.f('pk_kept_answers'))
    )
    op.create_index(op.f('ix_kept_answers_until_at'), 'kept_answers', ['until_at'])
    op.create_table('proposals',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('operation', sa.String(), nullable=False),
    sa.Column('asked', sa.Text(), nullable=False),
    sa.Column('staff', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('second', sa.String(), nullable=False),
    sa.Column('at', sa.String(), nullable=False),
    sa.Column('until_at', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['key'], ['access_keys.id'], name=op.f('fk_proposals_key')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposals'))
    )


def downgrade() -> None:
    op.drop_table('proposals')
    op.drop_index(op.f('ix_kept_answers_until_at'), table_name='kept_answers')
    op.drop_table('kept_answers')
    with op.batch_alter_table('access_keys') as batch:
        batch.drop_column('holder')
