"""Parties with their numbers; approvals of (person, number, party) in place of contacts; orders against contact.

Each row of before is a party of its own, named by its place in the order of person and number. What was approved was consented to
where it came from; that is kept as taken over, not as heard by us.
"""
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from switch.store.stamps import stamp

revision = '0024c'
down_revision = '0012m'
branch_labels = None
depends_on = None


def _text(name: str, optional: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=optional)


def _bool(name: str) -> "sa.Column[bool]":
    return sa.Column(name, sa.Boolean(), nullable=False)


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f'{target}.id'], name=op.f(f'fk_{table}_{column}'))


def upgrade() -> None:
    op.execute("CREATE TABLE contacts_before AS SELECT contacts.*, 'party-' || row_number() OVER (ORDER BY person, number) AS party"
               " FROM contacts")
    op.execute('CREATE TABLE resting_before AS SELECT * FROM resting_numbers')
    op.drop_table('resting_numbers')
    op.drop_table('contacts')
    op.create_table(
        'parties', _text('id'), _text('kind'), _text('name'), _text('born', True), sa.Column('address', sa.Text()),
        _bool('child'), sa.Column('child_level', sa.Integer()), _text('child_level_by', True), _text('child_level_second', True),
        _text('consent'), _text('consent_how', True), _text('consent_at', True), _text('consent_by', True),
        _text('prisoner', True), _to('parties', 'prisoner', 'people'), sa.PrimaryKeyConstraint('id', name=op.f('pk_parties')),
    )
    op.create_table(
        'party_numbers', _text('party'), _text('number'), _text('since'), _text('until_at', True), _text('verified_at', True),
        _text('asked_again_at', True), _to('party_numbers', 'party', 'parties'),
        sa.PrimaryKeyConstraint('party', 'number', name=op.f('pk_party_numbers')),
    )
    op.create_index('ix_party_numbers_number', 'party_numbers', ['number'])
    op.create_table(
        'contacts', _text('person'), _text('number'), _text('party'), _text('id'), _text('kind'), _text('state'),
        _text('reason', True), sa.Column('relationship', sa.Integer(), nullable=False), _bool('relay'), _bool('allow_monitor'),
        _bool('override'), _bool('alert'), _bool('call_allowed'), _bool('legal'), _text('applied_at', True),
        _to('contacts', 'person', 'people'), _to('contacts', 'party', 'parties'),
        sa.PrimaryKeyConstraint('person', 'number', 'party', name=op.f('pk_contacts')),
        sa.UniqueConstraint('id', name=op.f('uq_contacts_id')),
    )
    op.create_index('ix_contacts_number', 'contacts', ['number'])
    op.create_index('ix_contacts_party', 'contacts', ['party'])
    op.create_table(
        'resting_numbers', _text('person'), _text('number'), _text('party'), _text('state'), _text('rested_at'),
        _text('until_at'), _to('resting_numbers', 'person', 'people'), _to('resting_numbers', 'party', 'parties'),
        sa.PrimaryKeyConstraint('person', 'number', 'party', name=op.f('pk_resting_numbers')),
    )
    op.create_table(
        'no_contact', _text('id'), _text('person'), _text('kind'), _text('party', True), _text('number', True),
        _text('other', True), sa.Column('court', sa.Text(), nullable=False), _text('from_at'), _text('until_at', True),
        sa.Column('exceptions', sa.Text(), nullable=False), _text('placed_at'), _text('placed_by'), _text('lifted_at', True),
        _text('lifted_by', True), _text('lifted_second', True), _to('no_contact', 'person', 'people'),
        _to('no_contact', 'party', 'parties'), _to('no_contact', 'other', 'people'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_no_contact')),
    )
    op.create_index('ix_no_contact_person', 'no_contact', ['person'])
    op.create_index('ix_no_contact_other', 'no_contact', ['other'])
    op.create_table(
        'prison_agreements', _text('person'), _text('other'), _text('establishment'), _text('agreed_at'), _text('agreed_by'),
        _to('prison_agreements', 'person', 'people'), _to('prison_agreements', 'other', 'people'),
        _to('prison_agreements', 'establishment', 'establishments'),
        sa.PrimaryKeyConstraint('person', 'other', 'establishment', name=op.f('pk_prison_agreements')),
    )
    op.execute("INSERT INTO parties (id, kind, name, child, consent, consent_how) SELECT party,"
               " CASE WHEN organisation THEN 'organisation' ELSE 'person' END, name, false,"
               " CASE WHEN state = 'approved' THEN 'given' ELSE 'not-asked' END,"
               " CASE WHEN state = 'approved' THEN 'taken-over' END FROM contacts_before")
    op.get_bind().execute(sa.text('INSERT INTO party_numbers (party, number, since) SELECT party, number, :now FROM contacts_before'),
                          {'now': stamp(datetime.now(UTC))})
    op.execute('INSERT INTO contacts (person, number, party, id, kind, state, relationship, relay, allow_monitor, override, alert,'
               ' call_allowed, legal) SELECT person, number, party, party, kind, state, 0, relay, true, false, false, true, false'
               ' FROM contacts_before')
    op.execute('INSERT INTO resting_numbers (person, number, party, state, rested_at, until_at)'
               ' SELECT r.person, r.number, c.party, r.state, r.rested_at, r.until_at FROM resting_before r'
               ' JOIN contacts_before c ON c.person = r.person AND c.number = r.number')
    op.drop_table('contacts_before')
    op.drop_table('resting_before')


def downgrade() -> None:
    """One approval of each person and number stays; parties, consent and orders against contact have no place before."""
    op.execute('CREATE TABLE contacts_after AS SELECT contacts.*, parties.name AS name, parties.kind AS party_kind FROM contacts'
               ' JOIN parties ON parties.id = contacts.party')
    op.execute('CREATE TABLE resting_after AS SELECT * FROM resting_numbers')
    for table in ('prison_agreements', 'no_contact', 'resting_numbers', 'contacts', 'party_numbers', 'parties'):
        op.drop_table(table)
    op.create_table(
        'contacts', _text('person'), _text('number'), _text('name'), _text('kind'), _text('state'), _bool('organisation'),
        _bool('relay'), _to('contacts', 'person', 'people'),
        sa.PrimaryKeyConstraint('person', 'number', name=op.f('pk_contacts')),
    )
    op.create_index('ix_contacts_number', 'contacts', ['number'])
    op.create_table(
        'resting_numbers', _text('person'), _text('number'), _text('state'), _text('rested_at'), _text('until_at'),
        _to('resting_numbers', 'person', 'people'),
        sa.PrimaryKeyConstraint('person', 'number', name=op.f('pk_resting_numbers')),
    )
    first = '(SELECT MIN(party) FROM {0} o WHERE o.person = {0}.person AND o.number = {0}.number)'
    op.execute("INSERT INTO contacts (person, number, name, kind, state, organisation, relay) SELECT person, number, name, kind,"
               " state, party_kind = 'organisation', relay FROM contacts_after WHERE party = " + first.format('contacts_after'))
    op.execute('INSERT INTO resting_numbers (person, number, state, rested_at, until_at) SELECT person, number, state, rested_at,'
               ' until_at FROM resting_after WHERE party = ' + first.format('resting_after'))
    op.drop_table('contacts_after')
    op.drop_table('resting_after')
