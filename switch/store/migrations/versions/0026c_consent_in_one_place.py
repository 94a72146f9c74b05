"""Consent as what a party said of one of its numbers, and a wrong number as a mark on the number, each in one place.

What stood with the party, for all its numbers, and what stood with a person and a number become rows of (party, number): a no of
the party, else what was said at the number itself, else a yes of the party. An approval that was pending for a wrong number is approved again, and the number marked.
"""
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from switch.store.stamps import stamp

revision = '0026c'
down_revision = '0025c'
branch_labels = None
depends_on = None

STANDING = sa.text('ended_at IS NULL')
HAD = ('consent', 'consent_how', 'consent_at', 'consent_by')


def upgrade() -> None:
    now = {'now': stamp(datetime.now(UTC))}
    bind = op.get_bind()
    op.execute('CREATE TABLE consents_before AS SELECT * FROM consents')
    op.drop_index('ix_consents_person_number', 'consents')
    op.drop_table('consents')
    op.create_table('consents',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('party', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('consent', sa.String(), nullable=False),
    sa.Column('how', sa.String(), nullable=False),
    sa.Column('said_at', sa.String(), nullable=False),
    sa.Column('said_by', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=True),
    sa.Column('prompts', sa.Text(), nullable=False),
    sa.Column('language', sa.String(), nullable=True),
    sa.Column('ended_at', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['party'], ['parties.id'], name=op.f('fk_consents_party')),
    sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_consents_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consents'))
    )
    # by key or text, each with the parties that the person has, or had, at the number
    op.execute("INSERT INTO consents (id, party, number, consent, how, said_at, said_by, person, prompts, language, ended_at)"
               " SELECT DISTINCT b.id || ':' || n.party, n.party, b.number, 'given', b.how, b.given_at,"
               " CASE WHEN b.how = 'keypad' THEN 'call:' || b.id ELSE b.id END, b.person, b.prompts, b.language,"
               " COALESCE(b.ended_at, n.until_at) FROM consents_before b JOIN contacts c ON c.person = b.person"
               " JOIN party_numbers n ON n.party = c.party AND n.number = b.number")
    # of several that stand for one party and number, asked in the names of several people, the newest does
    op.execute('UPDATE consents SET ended_at = said_at WHERE ended_at IS NULL AND EXISTS (SELECT 1 FROM consents n WHERE'
               ' n.party = consents.party AND n.number = consents.number AND n.ended_at IS NULL'
               ' AND (n.said_at > consents.said_at OR (n.said_at = consents.said_at AND n.id > consents.id)))')
    # a no of the party came later; its yes is told better by what the number itself said
    op.execute("UPDATE consents SET ended_at = COALESCE((SELECT consent_at FROM parties WHERE parties.id = consents.party), said_at)"
               " WHERE ended_at IS NULL AND party IN (SELECT id FROM parties WHERE consent = 'denied')")
    op.execute("INSERT INTO consents (id, party, number, consent, how, said_at, said_by, prompts) SELECT"
               " 'party:' || p.id || ':' || row_number() OVER (PARTITION BY p.id ORDER BY n.number), p.id, n.number, p.consent,"
               " COALESCE(p.consent_how, 'staff'), COALESCE(p.consent_at, n.since), COALESCE(p.consent_by, 'migration'), '[]'"
               " FROM parties p JOIN party_numbers n ON n.party = p.id AND n.until_at IS NULL WHERE p.consent <> 'not-asked'"
               " AND NOT EXISTS (SELECT 1 FROM consents c WHERE c.party = p.id AND c.number = n.number AND c.ended_at IS NULL)")
    op.drop_table('consents_before')
    op.create_index('uq_consents_standing', 'consents', ['party', 'number'], unique=True, sqlite_where=STANDING,
                    postgresql_where=STANDING)
    op.create_index('ix_consents_number', 'consents', ['number'], sqlite_where=STANDING, postgresql_where=STANDING)
    for column in HAD:
        op.drop_column('parties', column)
    bind.execute(sa.text(
        "INSERT INTO wrong_numbers (id, number, person, at) SELECT 'held:' || MIN(c.id), c.number, NULL, :now FROM contacts c"
        " WHERE c.state = 'pending' AND c.reason = 'wrong-number' AND NOT EXISTS (SELECT 1 FROM wrong_numbers w"
        " WHERE w.number = c.number AND w.verified_at IS NULL) GROUP BY c.number"), now)
    bind.execute(sa.text(
        'UPDATE party_numbers SET verified_at = NULL, asked_again_at = COALESCE(asked_again_at, :now) WHERE EXISTS (SELECT 1 FROM'
        " wrong_numbers w WHERE w.number = party_numbers.number AND w.verified_at IS NULL AND CASE WHEN w.id LIKE 'held:%'"
        ' THEN party_numbers.asked_again_at IS NOT NULL'
        ' ELSE party_numbers.verified_at IS NULL OR party_numbers.verified_at <= w.at END)'), now)
    op.execute("UPDATE contacts SET state = 'approved', reason = NULL WHERE state = 'pending' AND reason = 'wrong-number'")


def downgrade() -> None:
    """What stands at the number that a party had first is the party's; what came by key or text is the person's and number's too."""
    for column in HAD:
        op.add_column('parties', sa.Column(column, sa.String(), nullable=column != 'consent',
                                           server_default='not-asked' if column == 'consent' else None))
    first = (' FROM consents c WHERE c.party = parties.id AND c.ended_at IS NULL ORDER BY c.consent, c.number LIMIT 1')
    op.execute(f"UPDATE parties SET consent = COALESCE((SELECT consent{first}), 'not-asked'), consent_how = (SELECT how{first}),"
               f" consent_at = (SELECT said_at{first}), consent_by = (SELECT said_by{first})")
    op.execute('CREATE TABLE consents_after AS SELECT * FROM consents')
    op.drop_index('uq_consents_standing', 'consents')
    op.drop_index('ix_consents_number', 'consents')
    op.drop_table('consents')
    op.create_table('consents',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('given_at', sa.String(), nullable=False),
    sa.Column('how', sa.String(), nullable=False),
    sa.Column('prompts', sa.Text(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('ended_at', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['person'], ['people.id'], name=op.f('fk_consents_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consents'))
    )
    op.create_index('ix_consents_person_number', 'consents', ['person', 'number'])
    op.execute("INSERT INTO consents (id, person, number, given_at, how, prompts, language, ended_at) SELECT id, person, number,"
               " said_at, how, prompts, COALESCE(language, 'en'), ended_at FROM consents_after"
               " WHERE person IS NOT NULL AND consent = 'given' AND how IN ('keypad', 'text')")
    op.drop_table('consents_after')
