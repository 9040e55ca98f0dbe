"""One update in: read it, ask the engine, save everything in one transaction, then let it be sent."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import structlog

from bot.channels.base import Address, Channel, Incoming, SendFailed, Update
from bot.config import Settings
from bot.done import Done
from bot.failpoints import Failpoints
from bot.fetching import fetched
from bot.files import Files
from bot.flood import Floods, Verdict
from bot.handling import Handling, Notifier, Parts
from bot.i18n import Words
from bot.intake import Arrived, lane
from bot.lanes import TRIES_MAX
from bot.library import Library
from flows.session import (
    Medium,
    Sent,
)
from storage import inbox
from storage.db import Database, StorageUnavailable, Tx

log = structlog.get_logger(__name__)

MEDIA_SIZE_MAX_MB: Final = 20  # what the Bot API lets a bot download; core.telegram.org/bots/api#getfile


class Runner:
    """Handles updates, one transaction each."""

    def __init__(
        self,
        *,
        db: Database,
        channels: Mapping[tuple[str, str], Channel],
        library: Library,
        words: Words,
        settings: Settings,
        files: Files,
        notifier: Notifier,
        failpoints: Failpoints,
        floods: Floods,
        clock: Callable[[], int],
        committed: Callable[[Done], None],
        restored_at: int = 0,
    ) -> None:
        self._db = db
        self._channels = channels
        self._parts = Parts(channels, library, words, settings, notifier, clock, restored_at)
        self._library = library
        self._words = words
        self._settings = settings
        self._files = files
        self._notifier = notifier
        self._failpoints = failpoints
        self._floods = floods
        self._clock = clock
        self._committed = committed

    def read(self, update: Update) -> Incoming | None:
        """What an update means, where it can be handled at once; None where a file has to be fetched first."""
        channel = self._channels.get((update.channel, update.bot))
        if channel is None:
            return Incoming(Address(update.channel, update.bot, update.chat), ignored="no_channel")
        incoming = channel.read(update)
        return None if incoming.media is not None and incoming.event is None else incoming

    async def handle(self, arrived: Arrived) -> None:
        """Handle one update: of the inbox, or one that this very transaction puts there.

        Raises:
            StorageUnavailable: nothing was changed; try again.
            Exception: a fault of ours; nothing was changed, but the update is in the inbox now.
        """
        if arrived.id or arrived.kept is None:
            await self._handled(arrived)
            return
        try:
            await self._handled(arrived)
        except StorageUnavailable as error:
            self._floods.forgives(lane(arrived.update), arrived.update.at)
            arrived.is_not_kept(error)  # whoever brought it will bring it again
        except Exception:
            if await self._kept(arrived):
                raise
        except BaseException as error:  # we are stopped: it comes again
            arrived.is_not_kept(StorageUnavailable(type(error).__name__))
            raise

    async def _kept(self, arrived: Arrived) -> bool:
        """Put into the inbox what could not be handled; False when that cannot be done either."""
        try:
            found = await self._db.write(lambda tx: inbox.add_many(tx, [arrived.update]))
        except StorageUnavailable as error:
            arrived.is_not_kept(error)
            return False
        arrived.id = found[0] or 0
        arrived.is_kept(new=bool(arrived.id))
        return bool(arrived.id)

    @staticmethod
    def dropped(arrived: Arrived) -> None:
        """We stop before its turn: what is in the inbox stays there, anything else comes again."""
        arrived.is_not_kept(StorageUnavailable("stopping"))

    async def _handled(self, arrived: Arrived) -> None:
        update = arrived.update
        incoming = arrived.incoming
        if incoming is None:
            channel = self._channels.get((update.channel, update.bot))
            incoming = self.read(update)
            if incoming is None and channel is not None:
                incoming = await self._fetched(channel, channel.read(update), update.at)
        if incoming is None:
            incoming = Incoming(Address(update.channel, update.bot, update.chat), ignored="no_channel")
        meant = incoming
        verdict = self._verdict(update, meant)

        async def put(tx: Tx) -> tuple[int, Done] | None:
            id_: int | None = arrived.id
            if not id_:
                id_ = await inbox.add_done(tx, update, self._clock())
            elif not await inbox.done(tx, id_, self._clock()):
                return None  # an earlier try was committed after all
            if id_ is None:
                return None  # it came before
            done = await Handling(self._parts, tx, id_, update, meant, verdict).run()
            self._failpoints.reach("before_commit")
            return id_, done

        found = await self._db.write(put)
        self._failpoints.reach("after_commit")
        if found is None:
            self._floods.forgives(lane(update), update.at)
        if found is not None and arrived.replies is not None and arrived.waited_for and found[1].fire:
            arrived.replies.append(found[1].fire.pop(0))
        arrived.is_kept(new=found is not None)
        if found is not None:
            arrived.id, done = found
            self._floods.handled(lane(update), update.at, led_on=done.led_on or not _is_message(meant))
            self._committed(done)
            if done.forgotten:
                await self._files.remove(done.forgotten)

    def _verdict(self, update: Update, incoming: Incoming) -> Verdict:
        """Whether a person still gets replies; taps do not count, they make no noise."""
        return self._floods.verdict(lane(update), update.at) if _is_message(incoming) else "answer"

    async def failed(self, arrived: Arrived, error: Exception) -> int:
        """Note that an update raised; buried after its last try. Only the error's class is kept: its words may hold answers."""

        async def put(tx: Tx) -> int:
            tries = await inbox.failed(tx, arrived.id, type(error).__name__)
            if tries >= TRIES_MAX:
                await inbox.bury(tx, arrived.id, type(error).__name__, self._clock())
            return tries

        return await self._db.write(put)

    async def _fetched(self, channel: Channel, incoming: Incoming, at: int) -> Incoming:
        """The file of a message, fetched from the channel and kept; a message about it when it cannot be had."""
        media = incoming.media or {}
        size = int(media.get("size") or 0)
        if size > min(self._settings.upload_max_mb, MEDIA_SIZE_MAX_MB) * 1024 * 1024:
            return replace(incoming, media=None, ignored="file_large")
        try:
            content, name, mime = await fetched(channel.fetch, media)
        except SendFailed as error:
            log.warning("file_not_fetched", error=type(error).__name__)
            return replace(incoming, media=None, ignored="file_failed")
        ref = await self._files.keep(content, str(media.get("name") or name), str(media.get("mime") or mime))
        kind = media.get("kind")
        medium: Medium = kind if kind in {"image", "audio", "video"} else "file"
        event = Sent(
            at,
            medium,
            ref.id,
            ref.name,
            ref.mime,
            ref.size,
            str(media.get("caption") or ""),
            str(media.get("group") or ""),
            incoming.message,
        )
        return replace(incoming, media={"sha256": ref.sha256}, event=event)


def _is_message(incoming: Incoming) -> bool:
    """Something a person wrote or sent, on a channel where we cannot refuse it at the door."""
    return bool(incoming.message) and not incoming.tap and not incoming.reach
