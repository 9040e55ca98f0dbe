"""An index for the page of drafts that were closed. Add only."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_sessions_expired_touched_at",
        "sessions",
        ["touched_at"],
        sqlite_where=sa.text("status = 'expired'"),
        postgresql_where=sa.text("status = 'expired'"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_sessions_expired_touched_at", "sessions")
