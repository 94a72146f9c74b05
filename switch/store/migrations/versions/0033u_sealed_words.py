"""Words beside the audit encrypted, each row's under a key of its own: those that stand are sealed here, under the site's key."""
import json
import os

from alembic import context, op
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
import sqlalchemy as sa

from switch.store.migrations.guards import guard, guard_whole, unguard

revision = '0033u'
down_revision = '0032k'
branch_labels = None
depends_on = None

notes = sa.table('audit_notes', sa.column('seq'), sa.column('text'), sa.column('kek'), sa.column('key', sa.LargeBinary),
                 sa.column('sealed', sa.LargeBinary))
ERASED = 'words beside the audit are erased, and nothing else is done to them'


def upgrade() -> None:
    conn = op.get_bind()
    found = sealed(conn)  # before anything is changed: what SQLite does to a table it does not undo
    for column in (sa.Column('kek', sa.String(), nullable=False, server_default=''), sa.Column('key', sa.LargeBinary()),
                   sa.Column('sealed', sa.LargeBinary()), sa.Column('erased_at', sa.String())):
        op.add_column('audit_notes', column)
    for seq, values in found.items():
        conn.execute(sa.update(notes).where(notes.c.seq == seq).values(values))
    with op.batch_alter_table('audit_notes') as batch:
        batch.drop_column('text')
        batch.alter_column('kek', server_default=None)
    guard('audit_notes', 'UPDATE', ERASED, when='OLD.key IS NULL OR NEW.key IS NOT NULL OR NEW.sealed IS NOT NULL OR NEW.seq <> OLD.seq')
    guard('audit_notes', 'DELETE', ERASED)
    guard_whole('audit_notes', ERASED)


def sealed(conn: sa.Connection) -> dict[int, dict[str, object]]:
    """What stands in the clear, by its row, in the form that switch.store.beside had when this was written."""
    plain = conn.execute(sa.select(notes.c.seq, notes.c.text)).all()
    if not plain:
        return {}
    keys = context.config.attributes['keys'](not conn.execute(sa.text('SELECT count(*) FROM recordings WHERE key IS NOT NULL')).scalar())
    found: dict[int, dict[str, object]] = {}
    for seq, text in plain:
        key, about = os.urandom(32), f'wingline audit words {seq}'.encode()
        words = json.dumps({'reason': text}, ensure_ascii=False).encode()
        found[seq] = {'kek': keys.id, 'key': keys.wrap(key, about), 'sealed': AESGCM(key).encrypt(bytes(12), words, about)}
    return found


def downgrade() -> None:
    """What is sealed stays so: the words are not put back in the clear, and are gone."""
    for verb in ('UPDATE', 'DELETE'):
        unguard('audit_notes', verb)
    if op.get_bind().dialect.name == 'postgresql':
        unguard('audit_notes', 'TRUNCATE')
    with op.batch_alter_table('audit_notes') as batch:
        batch.add_column(sa.Column('text', sa.Text(), nullable=False, server_default=''))
        for column in ('erased_at', 'sealed', 'key', 'kek'):
            batch.drop_column(column)
