"""People with their cells and flags, wings and cells, resting numbers, tasks, and staff's words beside the audit."""
from alembic import op
import sqlalchemy as sa

revision = '0004d'
down_revision = '0003r'
branch_labels = None
depends_on = None

WAITING = sa.text('done_at IS NULL')


def upgrade() -> None:
    op.create_table('wings',
    sa.Column('establishment', sa.String(), nullable=False),
    sa.Column('id', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['establishment'], ['establishments.id'], name=op.f('fk_wings_establishment')),
    sa.PrimaryKeyConstraint('establishment', 'id', name=op.f('pk_wings'))
    )
    op.create_table('cells',
    sa.Column('establishment', sa.String(), nullable=False),
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('wing', sa.String(), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['establishment'], ['establishments.id'], name=op.f('fk_cells_establishment')),
    sa.PrimaryKeyConstraint('establishment', 'id', name=op.f('pk_cells'))
    )
    op.create_table('resting_numbers',
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('rested_at', sa.String(), nullable=False),
    sa.Column('until_at', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_resting_numbers_person')),
    sa.PrimaryKeyConstraint('person', 'number', name=op.f('pk_resting_numbers'))
    )
    op.create_table('tasks',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('establishment', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=True),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('created_at', sa.String(), nullable=False),
    sa.Column('due_at', sa.String(), nullable=False),
    sa.Column('owner', sa.String(), nullable=True),
    sa.Column('done_at', sa.String(), nullable=True),
    sa.Column('done_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['establishment'], ['establishments.id'], name=op.f('fk_tasks_establishment')),
    sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_tasks_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tasks'))
    )
    op.create_index('ix_tasks_waiting', 'tasks', ['establishment', 'due_at'], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_table('audit_notes',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person', sa.String(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['seq'], ['audit.seq'], name=op.f('fk_audit_notes_seq')),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_audit_notes'))
    )
    op.create_index(op.f('ix_audit_notes_person'), 'audit_notes', ['person'])
    op.add_column('establishments', sa.Column('capacity', sa.Integer(), nullable=True))
    op.add_column('site_state', sa.Column('reason', sa.Text(), nullable=True))
    op.add_column('pins', sa.Column('duress', sa.String(), nullable=True))
    for column in (
        sa.Column('status', sa.String(), nullable=False, server_default='here'),
        sa.Column('cell', sa.String(), nullable=True),
        sa.Column('foreign_national', sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column('legal', sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column('at_risk', sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column('language', sa.String(), nullable=False, server_default='en'),
        sa.Column('needs', sa.Text(), nullable=False, server_default='[]'),
    ):
        op.add_column('people', column)
    op.create_index('ix_people_establishment_cell', 'people', ['establishment', 'cell'])
    # where telephones stand there are cells, and whoever has a telephone lives in its cell
    op.execute('INSERT INTO wings (establishment, id) SELECT DISTINCT establishment, wing FROM phones')
    op.execute('INSERT INTO cells (establishment, id, wing) SELECT establishment, cell, MIN(wing) FROM phones GROUP BY establishment, cell')
    op.execute('UPDATE people SET cell = (SELECT cell FROM phones WHERE phones.id = people.phone)')
    op.execute("UPDATE people SET status = 'released' WHERE NOT active")


def downgrade() -> None:
    op.drop_index('ix_people_establishment_cell', 'people')
    for column in ('needs', 'language', 'at_risk', 'legal', 'foreign_national', 'cell', 'status'):
        op.drop_column('people', column)
    op.drop_column('pins', 'duress')
    op.drop_column('site_state', 'reason')
    op.drop_column('establishments', 'capacity')
    op.drop_index(op.f('ix_audit_notes_person'), 'audit_notes')
    op.drop_table('audit_notes')
    op.drop_index('ix_tasks_waiting', 'tasks', sqlite_where=WAITING, postgresql_where=WAITING)
    op.drop_table('tasks')
    op.drop_table('resting_numbers')
    op.drop_table('cells')
    op.drop_table('wings')
