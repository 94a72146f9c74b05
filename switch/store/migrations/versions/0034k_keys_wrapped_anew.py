"""Words beside the audit may have their key wrapped by another master key; nothing else of them changes but that they are erased."""
from switch.store.migrations.guards import guard, unguard

revision = '0034k'
down_revision = '0032t'
branch_labels = None
depends_on = None

BEFORE = 'words beside the audit are erased, and nothing else is done to them'
TEXT = 'words beside the audit are erased, or their key is wrapped anew, and nothing else is done to them'
ERASED = 'NEW.key IS NULL AND NEW.sealed IS NULL'
WRAPPED = ('NEW.key IS NOT NULL AND NEW.sealed IS NOT NULL AND NEW.sealed = OLD.sealed AND NEW.kek <> OLD.kek'
           ' AND NEW.erased_at IS NULL')


def upgrade() -> None:
    unguard('audit_notes', 'UPDATE')
    guard('audit_notes', 'UPDATE', TEXT, when=f'OLD.key IS NULL OR NEW.seq <> OLD.seq OR NOT (({ERASED}) OR ({WRAPPED}))')


def downgrade() -> None:
    unguard('audit_notes', 'UPDATE')
    guard('audit_notes', 'UPDATE', BEFORE, when='OLD.key IS NULL OR NEW.key IS NOT NULL OR NEW.sealed IS NOT NULL OR NEW.seq <> OLD.seq')
