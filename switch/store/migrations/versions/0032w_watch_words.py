"""Watch words, by list."""
import sqlalchemy as sa
from alembic import op

revision = '0032w'
down_revision = '0032a'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'watch_lists',
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('establishment', sa.String(), nullable=True),
        sa.Column('subject', sa.String(), nullable=False),
        sa.Column('added_at', sa.String(), nullable=False),
        sa.Column('added_by', sa.String(), nullable=False),
        sa.Column('ended_at', sa.String(), nullable=True),
        sa.Column('ended_by', sa.String(), nullable=True),
        sa.ForeignKeyConstraint(['establishment'], ['establishments.id'], name=op.f('fk_watch_lists_establishment')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_watch_lists')),
    )
    op.create_table(
        'watch_words',
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('list', sa.String(), nullable=False),
        sa.Column('place', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('language', sa.String(), nullable=False),
        sa.Column('forms', sa.Text(), nullable=False),
        sa.Column('gap', sa.Integer(), nullable=False),
        sa.Column('weight', sa.Integer(), nullable=False),
        sa.Column('least', sa.Boolean(), nullable=False),
        sa.Column('times_useful', sa.Integer(), nullable=False),
        sa.Column('times_false', sa.Integer(), nullable=False),
        sa.Column('added_at', sa.String(), nullable=False),
        sa.Column('added_by', sa.String(), nullable=False),
        sa.Column('ended_at', sa.String(), nullable=True),
        sa.Column('ended_by', sa.String(), nullable=True),
        sa.ForeignKeyConstraint(['list'], ['watch_lists.id'], name=op.f('fk_watch_words_list')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_watch_words')),
    )
    op.create_index('ix_watch_words_in_use', 'watch_words', ['list', 'place'],
                    sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))


def downgrade() -> None:
    op.drop_index('ix_watch_words_in_use', table_name='watch_words')
    op.drop_table('watch_words')
    op.drop_table('watch_lists')
