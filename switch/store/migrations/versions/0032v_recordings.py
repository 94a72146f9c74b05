"""Recordings that were sealed, and what is kept beside them. What a row says of the sound stands for ever; its key may go."""
from alembic import op
import sqlalchemy as sa

from switch.store.migrations.guards import guard, guard_whole

revision = '0032v'
down_revision = '0032u'
branch_labels = None
depends_on = None

STANDS = ('establishment', 'person', 'number', 'started_at', 'seconds', 'samples', 'audio_sha256', 'wav_sha256', 'object',
          'manifest', 'manifest_sha256', 'sealed_at')


def upgrade() -> None:
    op.create_table('recordings',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('establishment', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=True),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('started_at', sa.String(), nullable=False),
    sa.Column('seconds', sa.Float(), nullable=False),
    sa.Column('samples', sa.BigInteger(), nullable=False),
    sa.Column('audio_sha256', sa.String(), nullable=False),
    sa.Column('wav_sha256', sa.String(), nullable=False),
    sa.Column('object', sa.String(), nullable=False),
    sa.Column('manifest', sa.Text(), nullable=False),
    sa.Column('manifest_sha256', sa.String(), nullable=False),
    sa.Column('sealed_at', sa.String(), nullable=False),
    sa.Column('kek', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=True),
    sa.Column('erase_at', sa.String(), nullable=True),
    sa.Column('erased_at', sa.String(), nullable=True),
    sa.Column('erased_why', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recordings'))
    )
    op.create_index('ix_recordings_started_at', 'recordings', ['started_at'])
    op.create_index('ix_recordings_person', 'recordings', ['person', 'started_at'])
    op.create_index('ix_recordings_number', 'recordings', ['number', 'started_at'])
    op.create_index('ix_recordings_to_erase', 'recordings', ['erase_at'],
                    sqlite_where=sa.text('key IS NOT NULL'), postgresql_where=sa.text('key IS NOT NULL'))
    op.create_table('recording_parts',
    sa.Column('recording', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('object', sa.String(), nullable=False),
    sa.Column('made_at', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['recording'], ['recordings.id'], name=op.f('fk_recording_parts_recording')),
    sa.PrimaryKeyConstraint('recording', 'kind', name=op.f('pk_recording_parts'))
    )
    changed = ' OR '.join(f'NEW.{column} IS DISTINCT FROM OLD.{column}' if op.get_bind().dialect.name == 'postgresql'
                          else f'NEW.{column} IS NOT OLD.{column}' for column in STANDS)
    guard('recordings', 'UPDATE', 'what recordings says of a recording stands', f'OLD.erased_at IS NOT NULL OR {changed}')
    guard('recordings', 'DELETE', 'recordings keeps its rows')
    guard_whole('recordings', 'recordings keeps its rows')


def downgrade() -> None:
    op.drop_table('recording_parts')
    op.drop_table('recordings')
