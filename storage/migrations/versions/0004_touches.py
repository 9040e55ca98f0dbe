"""What a deep link fills in, and by which links a session began. Add only, and NULL where nothing is known."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("links", sa.Column("prefill", sa.Text(), nullable=True))
    op.add_column("sessions", sa.Column("campaign", sa.Text(), nullable=True))
    op.add_column("sessions", sa.Column("first_source", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("sessions", "first_source")
    op.drop_column("sessions", "campaign")
    op.drop_column("links", "prefill")
