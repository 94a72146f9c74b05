"""Words of transcripts on PostgreSQL as one question finds them: pairs, every word of the call in each row, and short rows."""
from alembic import op

revision = '0039v'
down_revision = '0038c'
branch_labels = None
depends_on = None

WORDS_OF_CALLS = """
WITH spots AS (SELECT w.id, w.recording, u.lexeme, place FROM transcript_words w, unnest(w.tokens) u, unnest(u.positions) place),
said AS (SELECT recording, lexeme FROM spots UNION SELECT a.recording, left(a.lexeme, 1) || right(b.lexeme, 2)
         FROM spots a JOIN spots b ON b.id = a.id AND b.place = a.place + 1),
calls AS (SELECT recording, array_to_tsvector(array_agg(lexeme)) AS every FROM said GROUP BY recording)
UPDATE transcript_words w SET tokens = w.tokens || calls.every FROM calls WHERE calls.recording = w.recording
"""


def upgrade() -> None:
    op.create_index('ix_transcript_words_establishment', 'transcript_words', ['establishment', 'started_at'])
    if op.get_bind().dialect.name == 'postgresql':
        # A search reads who, where and when of many rows, and the words of few: those lie apart.
        op.execute("ALTER TABLE transcript_words ALTER COLUMN tokens SET STORAGE EXTERNAL")
        op.execute("ALTER TABLE transcript_words SET (toast_tuple_target = 128)")
        op.execute(WORDS_OF_CALLS)


def downgrade() -> None:
    """What is in the rows does no harm."""
    op.drop_index('ix_transcript_words_establishment', 'transcript_words')
