"""Transcripts: their jobs, and the keyed hashes that they are searched by."""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = '0032t'
down_revision = '0033w'
branch_labels = None
depends_on = None

FTS = (
    "CREATE VIRTUAL TABLE transcript_fts USING fts5(tokens, content='transcript_words', content_rowid='id')",
    "CREATE TRIGGER transcript_words_in AFTER INSERT ON transcript_words BEGIN "
    "INSERT INTO transcript_fts(rowid, tokens) VALUES (new.id, new.tokens); END",
    "CREATE TRIGGER transcript_words_out AFTER DELETE ON transcript_words BEGIN "
    "INSERT INTO transcript_fts(transcript_fts, rowid, tokens) VALUES ('delete', old.id, old.tokens); END",
)


def upgrade() -> None:
    to_do = sa.text("state IN ('waiting', 'running')")
    op.create_table(
        'transcripts',
        sa.Column('recording', sa.String(), nullable=False),
        sa.Column('establishment', sa.String(), nullable=False),
        sa.Column('person', sa.String(), nullable=True),
        sa.Column('number', sa.String(), nullable=False),
        sa.Column('started_at', sa.String(), nullable=False),
        sa.Column('seconds', sa.Float(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('asked_at', sa.String(), nullable=False),
        sa.Column('next_at', sa.String(), nullable=False),
        sa.Column('claim', sa.String(), nullable=True),
        sa.Column('worker', sa.String(), nullable=True),
        sa.Column('taken_until', sa.String(), nullable=True),
        sa.Column('engine', sa.String(), nullable=True),
        sa.Column('model', sa.String(), nullable=True),
        sa.Column('words', sa.Integer(), nullable=True),
        sa.Column('error', sa.Text(), nullable=True),
        sa.Column('done_at', sa.String(), nullable=True),
        sa.PrimaryKeyConstraint('recording', name=op.f('pk_transcripts')),
    )
    op.create_index('ix_transcripts_to_do', 'transcripts', ['started_at'], sqlite_where=to_do, postgresql_where=to_do)
    op.create_index('ix_transcripts_state', 'transcripts', ['state', 'started_at'])
    op.create_table(
        'transcript_words',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
        sa.Column('recording', sa.String(), nullable=False),
        sa.Column('establishment', sa.String(), nullable=False),
        sa.Column('person', sa.String(), nullable=True),
        sa.Column('number', sa.String(), nullable=False),
        sa.Column('started_at', sa.String(), nullable=False),
        sa.Column('tokens', sa.Text().with_variant(TSVECTOR(), 'postgresql'), nullable=False),
        sa.ForeignKeyConstraint(['recording'], ['transcripts.recording'], name=op.f('fk_transcript_words_recording')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_transcript_words')),
    )
    op.create_index('ix_transcript_words_recording', 'transcript_words', ['recording'])
    op.create_index('ix_transcript_words_started_at', 'transcript_words', ['started_at'])
    op.create_index('ix_transcript_words_person', 'transcript_words', ['person', 'started_at'])
    op.create_index('ix_transcript_words_number', 'transcript_words', ['number', 'started_at'])
    op.create_table(
        'index_keys',
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('kek', sa.String(), nullable=False),
        sa.Column('key', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_index_keys')),
    )
    if op.get_bind().dialect.name == 'postgresql':
        op.create_index('ix_transcript_words_tokens', 'transcript_words', ['tokens'], postgresql_using='gin')
    else:
        for statement in FTS:
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name != 'postgresql':
        op.execute("DROP TABLE transcript_fts")
    op.drop_table('index_keys')
    op.drop_table('transcript_words')
    op.drop_table('transcripts')
