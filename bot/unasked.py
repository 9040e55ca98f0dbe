"""Messages to people who have not just written: what such a part of the house needs, and how it puts them in the outbox."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.channels.base import Address, Channel, Context
from bot.done import Done
from bot.i18n import Words
from bot.library import Library
from flows.session import Effect
from storage import outbox
from storage.db import Database, Tx
from storage.outbox import Message
from storage.sessions import Holder
from storage.text import dumps

PRIORITY: Final = 5  # a notice: nobody waits for it


@dataclass(frozen=True, slots=True)
class Parts:
    """What a part of the house needs that writes to people unasked."""

    db: Database
    channels: Mapping[tuple[str, str], Channel]
    library: Library
    words: Words
    clock: Callable[[], int]
    committed: Callable[[Done], None]

    async def put(
        self, tx: Tx, holder: Holder, effects: Sequence[Effect], key: str, *, lang: str, session: str = ""
    ) -> list[Message]:
        """What is to be shown to them, in the outbox under keys that begin with `key`.

        Nothing where the channel is not served any more. `session`: whose messages these are, to be erased with it.
        """
        channel = self.channels.get((holder.channel, holder.bot))
        if channel is None:
            return []
        context = Context(Address(holder.channel, holder.bot, holder.chat), session, lang)
        return await outbox.add(
            tx,
            [
                Message(
                    channel=holder.channel,
                    bot=holder.bot,
                    chat=holder.chat,
                    key=f"{key}:{n}",
                    session=session,
                    method=outgoing.method,
                    body=dumps(dict(outgoing.body)),
                    card=outgoing.card,
                    edit=outgoing.edit,
                    drop_if_unsent=outgoing.drop_if_unsent,
                    priority=PRIORITY,
                    created_at=self.clock(),
                )
                for n, outgoing in enumerate(channel.render(effects, context))
            ],
        )
