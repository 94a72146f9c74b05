"""Accounts, roles and sessions of staff."""
import sqlalchemy as sa
from alembic import op

revision = '0035c'
down_revision = '0034m'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'staff_users',
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('language', sa.String(), nullable=False),
        sa.Column('password', sa.String(), nullable=False),
        sa.Column('totp', sa.Text(), nullable=False),
        sa.Column('totp_used', sa.Integer(), nullable=False),
        sa.Column('failures', sa.Integer(), nullable=False),
        sa.Column('locked_until', sa.String(), nullable=True),
        sa.Column('created_by', sa.String(), nullable=False),
        sa.Column('created_at', sa.String(), nullable=False),
        sa.Column('ended_at', sa.String(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_users')),
    )
    op.create_table(
        'staff_roles',
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('permissions', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_staff_roles')),
    )
    op.create_table(
        'staff_grants',
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('user', sa.String(), nullable=False),
        sa.Column('role', sa.String(), nullable=False),
        sa.Column('establishment', sa.String(), nullable=True),
        sa.Column('wing', sa.String(), nullable=True),
        sa.Column('given_by', sa.String(), nullable=False),
        sa.Column('given_at', sa.String(), nullable=False),
        sa.Column('until_at', sa.String(), nullable=True),
        sa.Column('ended_at', sa.String(), nullable=True),
        sa.Column('ended_by', sa.String(), nullable=True),
        sa.ForeignKeyConstraint(['user'], ['staff_users.id'], name=op.f('fk_staff_grants_user')),
        sa.ForeignKeyConstraint(['role'], ['staff_roles.name'], name=op.f('fk_staff_grants_role')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_grants')),
    )
    op.create_index(op.f('ix_staff_grants_user'), 'staff_grants', ['user'])
    op.create_table(
        'staff_sessions',
        sa.Column('id', sa.String(), nullable=False),
        sa.Column('user', sa.String(), nullable=False),
        sa.Column('made_at', sa.String(), nullable=False),
        sa.Column('seen_at', sa.String(), nullable=False),
        sa.Column('proved_at', sa.String(), nullable=False),
        sa.Column('until_at', sa.String(), nullable=False),
        sa.Column('ended_at', sa.String(), nullable=True),
        sa.ForeignKeyConstraint(['user'], ['staff_users.id'], name=op.f('fk_staff_sessions_user')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_sessions')),
    )
    op.create_index(op.f('ix_staff_sessions_user'), 'staff_sessions', ['user'])


def downgrade() -> None:
    for table in ('staff_sessions', 'staff_grants', 'staff_roles', 'staff_users'):
        op.drop_table(table)
