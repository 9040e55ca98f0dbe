"""Every table, once, for both databases.

Instants are milliseconds since 1970, UTC, and end in `_at`. JSON is text. Ids are `storage.ids.new_id()`, made by whoever
makes the thing; tables that are read in the order they were written number their rows themselves.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

VERSION: Final = "0005"  # of the newest migration: what a database must be at to be opened

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _number(name: str, **more: Any) -> Column[int]:
    """A 64-bit number that is always there."""
    return Column(name, BigInteger, nullable=more.pop("nullable", False), **more)


def _text(name: str, *more: Any, **options: Any) -> Column[str]:
    """A text that is always there, "" where there is nothing to say."""
    return Column(name, Text, *more, nullable=options.pop("nullable", False), **options)


def _row_number(name: str = "id") -> Column[int]:
    """A number that the database gives, rising and never given twice."""
    return Column(name, BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


def _only_where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


people = Table(
    "people",
    metadata,
    _text("id", primary_key=True),
    _text("lang"),
    _number("created_at"),
)

addresses = Table(  # where a person is reached: one person may have several
    "addresses",
    metadata,
    _text("channel", primary_key=True),
    _text("bot", primary_key=True),
    _text("chat", primary_key=True),
    _text("person", ForeignKey("people.id"), index=True),
    _text("reach"),  # "reachable" or "blocked"
    _text("name_hint", nullable=True),  # what the channel calls them
    _text("first_source"),  # of the deep link they came by first, "" without one
    _text("last_source"),
    _number("created_at"),
    _number("updated_at"),
)

web_links = Table(  # who holds the token may go on with the chat; only its hash is kept
    "web_links",
    metadata,
    _text("token_hash", primary_key=True),
    _text("person", ForeignKey("people.id"), nullable=True, index=True),  # NULL until they have said something
    _text("chat", index=True),
    _number("created_at"),
    _number("expires_at"),
)

links = Table(  # deep links into a survey; of the token only its hash is kept
    "links",
    metadata,
    _text("token_hash", primary_key=True),
    _text("code"),  # the same to be typed
    _text("flow"),
    _text("source"),
    _text("campaign"),
    _number("created_at"),
    _number("expires_at"),
    Column("single_use", Boolean, nullable=False),  # good for the first person who opens it
    _text("used_by"),  # that person; "" until then
    _number("opened"),  # how often
    _text("prefill", nullable=True),  # JSON: text by question
    UniqueConstraint("code"),
)

link_misses = Table(  # tokens and codes that lead nowhere, to slow down guessing
    "link_misses",
    metadata,
    _row_number(),
    _text("person"),
    _number("at"),
    Index("ix_link_misses_person_at", "person", "at"),
)

flows = Table(
    "flows",
    metadata,
    _text("name", primary_key=True),
    _text("current_version"),
    Column("open", Boolean, nullable=False),  # whether new sessions may begin
    _number("position"),  # in menus, from 1
)

flow_versions = Table(  # as published: never changed
    "flow_versions",
    metadata,
    _text("flow", ForeignKey("flows.name"), primary_key=True),
    _text("version", primary_key=True),
    _text("sha256"),  # of body, in hexadecimal
    _text("body"),  # canonical JSON of the flow
    _number("published_at"),
    _number("retired_at", nullable=True),
)

sessions = Table(
    "sessions",
    metadata,
    _text("id", primary_key=True),
    _text("channel"),  # where it is held now
    _text("bot"),
    _text("chat"),
    _text("person", ForeignKey("people.id"), index=True),
    _text("flow"),
    _text("version"),
    _text("status"),
    _text("state"),  # JSON of everything but the answers
    _number("revision"),
    _number("started_at"),
    _number("touched_at"),
    _number("ended_at", nullable=True),  # NULL: may go on
    _text("source"),
    _text("campaign", nullable=True),  # of the deep link it began with
    _text("first_source", nullable=True),  # by which the person came first of all
    Index("ix_sessions_address", "channel", "bot", "chat"),
    Index("ix_sessions_open_touched_at", "touched_at", **_only_where("ended_at IS NULL")),
    Index("ix_sessions_expired_touched_at", "touched_at", **_only_where("status = 'expired'")),
)

answers = Table(
    "answers",
    metadata,
    _text("session", ForeignKey("sessions.id"), primary_key=True),
    _text("path", primary_key=True),  # "household/member[2]/age"
    _text("name"),  # "age"
    _text("raw"),
    _text("value"),  # JSON
    _text("certainty"),
    _number("asked_at"),
    _number("answered_at"),
    _number("tries"),
    _number("revision"),  # of the session, once this answer was in it
)

answer_history = Table(  # what answers were before; append-only
    "answer_history",
    metadata,
    _row_number(),
    _text("session", ForeignKey("sessions.id")),
    _text("path"),
    _number("revision"),  # of the session, once the old answer was in it
    _text("raw"),
    _text("value"),
    _number("at"),  # when it was replaced or fell away
    Index("ix_answer_history_session_path", "session", "path"),
)

events = Table(  # the journal: played again, it leads to the same session
    "events",
    metadata,
    _text("session", ForeignKey("sessions.id"), primary_key=True),
    _number("seq", primary_key=True, autoincrement=False),  # from 1
    _number("at"),
    _text("body"),
)

consents = Table(  # evidence; append-only
    "consents",
    metadata,
    _text("id", primary_key=True),
    _text("session", index=True),
    _text("person", index=True),
    _text("purpose"),
    Column("given", Boolean, nullable=False),
    _text("notice_sha256"),
    _text("text_shown"),
    _text("lang"),
    _text("channel"),
    _text("message"),  # the channel's id of the message or tap it was given by
    _text("button"),
    _number("at"),
    _text("action"),  # "give", "refuse" or "withdraw"
)

submissions = Table(
    "submissions",
    metadata,
    _text("id", primary_key=True),
    _text("receipt"),
    _text("session"),
    _text("flow"),
    _text("version"),
    _text("person", index=True),
    _text("lang"),
    _text("channel"),
    _number("submitted_at"),
    _text("record"),  # JSON: value by path
    _text("summary"),  # JSON: what may be shown outside the console
    _number("noticed_at", nullable=True),  # when staff were told
    UniqueConstraint("receipt"),
    UniqueConstraint("session"),
    Index("ix_submissions_submitted_at_id", "submitted_at", "id"),
    Index("ix_submissions_flow_submitted_at_id", "flow", "submitted_at", "id"),
)

amendments = Table(  # what people asked to have corrected after they had handed it in, and what became of that
    "amendments",
    metadata,
    _text("id", primary_key=True),
    _text("submission", ForeignKey("submissions.id")),
    _text("session", ForeignKey("sessions.id")),  # in which the new answers were given
    _number("requested_at"),
    _text("before"),  # JSON: the record as it was then
    _text("record"),  # JSON: the record as it is to be
    _text("reason"),  # in the person's words, "" without one
    _text("state"),  # "waiting", "accepted", "refused", or "replaced" by a later request
    _number("decided_at", nullable=True),
    _text("decided_by"),  # of the staff, "" until then
    _text("words"),  # to the person, "" without any
    UniqueConstraint("session"),
    Index("ix_amendments_submission_requested_at", "submission", "requested_at"),
    Index("ix_amendments_waiting", "requested_at", **_only_where("state = 'waiting'")),
)

inbox = Table(  # raw updates, kept before anything else happens to them
    "inbox",
    metadata,
    _row_number(),
    _text("channel"),
    _text("bot"),
    _text("key"),  # the channel's own id of the update
    _text("chat"),
    _text("body"),
    _number("at"),
    _number("done_at", nullable=True),
    _number("tries"),  # that failed
    _text("error"),  # of the last one
    Column("dead", Boolean, nullable=False),  # given up: done_at says when
    UniqueConstraint("channel", "bot", "key"),
    Index("ix_inbox_undone", "id", **_only_where("done_at IS NULL")),
    Index("ix_inbox_dead", "id", **_only_where("dead")),
    Index("ix_inbox_done_at", "done_at", **_only_where("done_at IS NOT NULL")),
    Index("ix_inbox_chat", "channel", "bot", "chat"),
    sqlite_autoincrement=True,
)

outbox = Table(  # messages to send, and those that were
    "outbox",
    metadata,
    _row_number(),
    _text("channel"),
    _text("bot"),
    _text("chat"),
    _text("key"),  # enqueued twice, it is one row
    _text("session"),  # "" outside a session
    _text("method"),
    _text("body"),
    _text("card"),  # "<session>:<number>", "" when it is no card
    Column("edit", Boolean, nullable=False),
    Column("drop_if_unsent", Boolean, nullable=False),
    _number("priority"),
    _text("state"),  # "waiting", "sent", "failed", "dropped"
    _number("tries"),
    _number("not_before"),
    _text("message"),  # the channel's id of it, once sent
    _text("error"),
    _number("created_at"),
    _number("sent_at", nullable=True),  # or when it was given up
    UniqueConstraint("key"),
    Index("ix_outbox_waiting", "id", **_only_where("state = 'waiting'")),
    Index("ix_outbox_failed", "id", **_only_where("state = 'failed'")),
    Index("ix_outbox_card", "card", "id", **_only_where("card <> ''")),
    Index("ix_outbox_chat", "channel", "bot", "chat", "id"),
    Index("ix_outbox_session", "session", **_only_where("session <> ''")),
    sqlite_autoincrement=True,
)

jobs = Table(  # what is to happen because time passes
    "jobs",
    metadata,
    _text("kind", primary_key=True),
    _text("key", primary_key=True),
    _number("due_at"),
    _number("lease_until"),  # 0: nobody works on it
    _number("tries"),
    _text("body"),
    Index("ix_jobs_kind_due_at_key", "kind", "due_at", "key"),
    Index("ix_jobs_due_at", "due_at"),
)

staff = Table(
    "staff",
    metadata,
    _text("id", primary_key=True),
    _text("login"),
    _text("name"),
    _text("password_hash", nullable=True),  # NULL: never set
    _text("roles"),  # joined by blanks
    _number("created_at"),
    _number("disabled_at", nullable=True),
    _number("last_in_at", nullable=True),
    UniqueConstraint("login"),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    _text("token_hash", primary_key=True),
    _text("staff", ForeignKey("staff.id"), index=True),
    _number("created_at"),
    _number("seen_at"),
    _number("expires_at"),
)

invites = Table(  # one-time links to set a password
    "invites",
    metadata,
    _text("token_hash", primary_key=True),
    _text("staff", ForeignKey("staff.id"), index=True),
    _number("expires_at"),
    _number("used_at", nullable=True),
)

login_tries = Table(  # failed ones
    "login_tries",
    metadata,
    _row_number(),
    _text("login"),
    _text("ip"),
    _number("at"),
    Index("ix_login_tries_login_ip_at", "login", "ip", "at"),
    Index("ix_login_tries_at", "at"),
)

audit = Table(  # each row is chained to the one before; append-only
    "audit",
    metadata,
    _number("seq", primary_key=True, autoincrement=False),  # from 1, without a gap
    _number("at"),
    _text("actor"),
    _text("action"),
    _text("object"),
    _text("detail"),  # JSON; never an answer
    _text("previous_hash"),
    _text("hash"),
)

files = Table(  # what people sent; the bytes stand outside the tables
    "files",
    metadata,
    _text("id", primary_key=True),
    _text("session", index=True),  # "" until it belongs to one
    _text("path"),  # of the question
    _text("name"),  # as the person's device called it
    _text("mime"),
    _number("size"),  # bytes
    _text("sha256"),
    _text("stored_as"),  # our name of it under the data directory
    _number("at"),
)

counters = Table(  # numbers that are given out one after the other
    "counters",
    metadata,
    _text("name", primary_key=True),
    _number("value"),
)
