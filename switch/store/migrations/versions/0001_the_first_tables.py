"""The first tables, and the triggers that keep audit, postings and closed calls as they were written."""
from alembic import op
import sqlalchemy as sa

from switch.store.migrations.guards import append_only, guard, guard_whole, prepare_guards

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None

# SQLite counts up by itself only in a column that is INTEGER; PostgreSQL's INTEGER is too small for a year's audit of many prisons.
Counter = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('alarms',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('at', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('call', sa.String(), nullable=True),
    sa.Column('acknowledged_at', sa.String(), nullable=True),
    sa.Column('acknowledged_by', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alarms'))
    )
    with op.batch_alter_table('alarms', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_alarms_at'), ['at'], unique=False)

    op.create_table('audit',
    sa.Column('seq', Counter, autoincrement=False, nullable=False),
    sa.Column('at', sa.String(), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('previous', sa.String(), nullable=False),
    sa.Column('hash', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_audit'))
    )
    op.create_table('cdrs',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('node', sa.String(), nullable=False),
    sa.Column('started_at', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=True),
    sa.Column('dialled', sa.String(), nullable=False),
    sa.Column('relay', sa.String(), nullable=True),
    sa.Column('service', sa.String(), nullable=True),
    sa.Column('privileged', sa.Boolean(), nullable=False),
    sa.Column('metered', sa.Boolean(), nullable=False),
    sa.Column('decision', sa.Text(), nullable=True),
    sa.Column('closed_at', sa.String(), nullable=True),
    sa.Column('outcome', sa.String(), nullable=True),
    sa.Column('end_by', sa.String(), nullable=True),
    sa.Column('end_why', sa.String(), nullable=True),
    sa.Column('end_note', sa.Text(), nullable=True),
    sa.Column('ring_ms', sa.Integer(), nullable=False),
    sa.Column('talk_ms', sa.Integer(), nullable=False),
    sa.Column('charged', sa.BigInteger(), nullable=False),
    sa.Column('recording', sa.String(), nullable=True),
    sa.Column('media', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cdrs'))
    )
    with op.batch_alter_table('cdrs', schema=None) as batch_op:
        batch_op.create_index('ix_cdrs_open', ['id'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.create_index('ix_cdrs_person_started_at', ['person', 'started_at'], unique=False)
        batch_op.create_index('ix_cdrs_started_at', ['started_at'], unique=False)
        batch_op.create_index('uq_cdrs_one_open_call', ['person'], unique=True, sqlite_where=sa.text("closed_at IS NULL AND service = 'contact'"), postgresql_where=sa.text("closed_at IS NULL AND service = 'contact'"))

    op.create_table('establishments',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('zone', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_establishments'))
    )
    op.create_table('orders',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('scope', sa.String(), nullable=False),
    sa.Column('target', sa.String(), nullable=False),
    sa.Column('establishment', sa.String(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('staff', sa.String(), nullable=False),
    sa.Column('placed_at', sa.String(), nullable=False),
    sa.Column('from_at', sa.String(), nullable=False),
    sa.Column('until_at', sa.String(), nullable=True),
    sa.Column('lifted_at', sa.String(), nullable=True),
    sa.Column('cut_live', sa.Boolean(), nullable=False),
    sa.Column('helplines_too', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_orders'))
    )
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.create_index('ix_orders_in_force', ['scope', 'target'], unique=False, sqlite_where=sa.text('lifted_at IS NULL'), postgresql_where=sa.text('lifted_at IS NULL'))

    op.create_table('outbox',
    sa.Column('id', Counter, autoincrement=True, nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('at', sa.String(), nullable=False),
    sa.Column('taken_until', sa.String(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('done_at', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('kind', 'subject', name=op.f('uq_outbox_kind_subject'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_waiting', ['id'], unique=False, sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))

    op.create_table('pin_failures',
    sa.Column('phone', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('locked_at', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('phone', 'person', name=op.f('pk_pin_failures'))
    )
    op.create_table('postings',
    sa.Column('seq', Counter, autoincrement=True, nullable=False),
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_postings')),
    sa.UniqueConstraint('reference', 'account', name=op.f('uq_postings_reference_account'))
    )
    with op.batch_alter_table('postings', schema=None) as batch_op:
        batch_op.create_index('ix_postings_account_amount', ['account', 'amount'], unique=False)

    op.create_table('stops',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('scope', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=True),
    sa.Column('placed_at', sa.String(), nullable=False),
    sa.Column('placed_by', sa.String(), nullable=False),
    sa.Column('undone_at', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stops'))
    )
    with op.batch_alter_table('stops', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stops_number'), ['number'], unique=False)

    op.create_table('phones',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('network', sa.String(), nullable=False),
    sa.Column('realm', sa.String(), nullable=False),
    sa.Column('ha1_md5', sa.String(), nullable=False),
    sa.Column('ha1_sha256', sa.String(), nullable=False),
    sa.Column('cell', sa.String(), nullable=False),
    sa.Column('wing', sa.String(), nullable=False),
    sa.Column('establishment', sa.String(), nullable=False),
    sa.Column('pin_required', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['establishment'], ['establishments.id'], name=op.f('fk_phones_establishment')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_phones'))
    )
    op.create_table('site_state',
    sa.Column('establishment', sa.String(), nullable=False),
    sa.Column('open', sa.Boolean(), nullable=False),
    sa.Column('changed_at', sa.String(), nullable=False),
    sa.Column('changed_by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['establishment'], ['establishments.id'], name=op.f('fk_site_state_establishment')),
    sa.PrimaryKeyConstraint('establishment', name=op.f('pk_site_state'))
    )
    op.create_table('people',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('keypad', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('establishment', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['establishment'], ['establishments.id'], name=op.f('fk_people_establishment')),
    sa.ForeignKeyConstraint(['phone'], ['phones.id'], name=op.f('fk_people_phone')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_people'))
    )
    with op.batch_alter_table('people', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_people_keypad'), ['keypad'], unique=False)
        batch_op.create_index(batch_op.f('ix_people_phone'), ['phone'], unique=False)

    op.create_table('contacts',
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('organisation', sa.Boolean(), nullable=False),
    sa.Column('relay', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_contacts_person')),
    sa.PrimaryKeyConstraint('person', 'number', name=op.f('pk_contacts'))
    )
    with op.batch_alter_table('contacts', schema=None) as batch_op:
        batch_op.create_index('ix_contacts_number', ['number'], unique=False)

    op.create_table('pins',
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('hash', sa.String(), nullable=False),
    sa.Column('changed_at', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_pins_person')),
    sa.PrimaryKeyConstraint('person', name=op.f('pk_pins'))
    )
    # What was written stays written: UPDATE and DELETE abort, whoever asks (architecture, rule 6).
    prepare_guards()
    append_only('audit')
    append_only('postings')
    guard('cdrs', 'UPDATE', 'a closed call does not change', when='OLD.closed_at IS NOT NULL')
    guard('cdrs', 'DELETE', 'a call record is not deleted')
    guard_whole('cdrs', 'a call record is not deleted')


def downgrade() -> None:
    op.drop_table('pins')
    with op.batch_alter_table('contacts', schema=None) as batch_op:
        batch_op.drop_index('ix_contacts_number')

    op.drop_table('contacts')
    with op.batch_alter_table('people', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_people_phone'))
        batch_op.drop_index(batch_op.f('ix_people_keypad'))

    op.drop_table('people')
    op.drop_table('site_state')
    op.drop_table('phones')
    with op.batch_alter_table('stops', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_stops_number'))

    op.drop_table('stops')
    with op.batch_alter_table('postings', schema=None) as batch_op:
        batch_op.drop_index('ix_postings_account_amount')

    op.drop_table('postings')
    op.drop_table('pin_failures')
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.drop_index('ix_outbox_waiting', sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))

    op.drop_table('outbox')
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.drop_index('ix_orders_in_force', sqlite_where=sa.text('lifted_at IS NULL'), postgresql_where=sa.text('lifted_at IS NULL'))

    op.drop_table('orders')
    op.drop_table('establishments')
    with op.batch_alter_table('cdrs', schema=None) as batch_op:
        batch_op.drop_index('uq_cdrs_one_open_call', sqlite_where=sa.text("closed_at IS NULL AND service = 'contact'"), postgresql_where=sa.text("closed_at IS NULL AND service = 'contact'"))
        batch_op.drop_index('ix_cdrs_started_at')
        batch_op.drop_index('ix_cdrs_person_started_at')
        batch_op.drop_index('ix_cdrs_open', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))

    op.drop_table('cdrs')
    op.drop_table('audit')
    with op.batch_alter_table('alarms', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_alarms_at'))

    op.drop_table('alarms')
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP FUNCTION refuse')
