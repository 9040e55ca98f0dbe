"""One message, with everything it has been."""

from dataclasses import dataclass, field
from typing import Any, Final

MEDIA: Final = (
    "photo",
    "document",
    "voice",
    "audio",
    "video",
    "video_note",
    "animation",
    "sticker",
    "location",
    "venue",
    "contact",
    "dice",
)


@dataclass
class Message:
    """`content` holds what differs by kind: text and entities, or a photo and its caption.

    `markup` is the keyboard in use, also the reply keyboard, which Telegram does not send back to the bot.
    `edits` are the earlier states, oldest first: `{"at", "text", "buttons"}`.
    """

    id: int
    chat: dict[str, Any]
    sender: dict[str, Any]
    from_bot: bool
    date: int
    content: dict[str, Any]
    markup: dict[str, Any] | None = None
    thread: int | None = None
    reply_to: "Message | None" = None
    edit_date: int | None = None
    deleted: bool = False
    protected: bool = False
    reactions: dict[str, list[str]] = field(default_factory=dict)
    edits: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return str(self.content.get("text", self.content.get("caption", "")))

    @property
    def media(self) -> str | None:
        return next((kind for kind in MEDIA if kind in self.content), None)

    @property
    def inline(self) -> list[list[dict[str, Any]]]:
        rows: list[list[dict[str, Any]]] = (self.markup or {}).get("inline_keyboard", [])
        return rows

    @property
    def may_be_edited(self) -> bool:
        """Only the bot's own, and only those with an inline keyboard or none."""
        return self.from_bot and (not self.markup or "inline_keyboard" in self.markup)

    def json(self, *, deep: bool = True) -> dict[str, Any]:
        """As the Bot API shows it; a replied-to message goes along one level deep."""
        body: dict[str, Any] = {"message_id": self.id, "from": self.sender, "chat": self.chat, "date": self.date}
        body |= self.content
        if self.thread is not None:
            body |= {"message_thread_id": self.thread, "is_topic_message": True}
        if self.edit_date is not None:
            body["edit_date"] = self.edit_date
        if self.protected:
            body["has_protected_content"] = True
        if self.inline:
            body["reply_markup"] = self.markup
        if deep and self.reply_to is not None and not self.reply_to.deleted:
            body["reply_to_message"] = self.reply_to.json(deep=False)
        return body

    def view(self) -> dict[str, Any]:
        """As a person sees it."""
        markup = self.markup or {}
        return {
            "message_id": self.id,
            "chat_id": self.chat["id"],
            "from_bot": self.from_bot,
            "sender_id": self.sender["id"],
            "text": self.text,
            "entities": self.content.get("entities", self.content.get("caption_entities", [])),
            "buttons": self.inline,
            "keyboard": markup.get("keyboard"),
            "removes_keyboard": bool(markup.get("remove_keyboard")),
            "media": self.media,
            "content": self.content,
            "thread": self.thread,
            "reply_to": self.reply_to.id if self.reply_to else None,
            "date": self.date,
            "deleted": self.deleted,
            "reactions": self.reactions,
            "edits": self.edits,
        }

    def becomes(self, at: int, content: dict[str, Any], markup: dict[str, Any] | None) -> None:
        """Take new content and keyboard; the old ones go into `edits`."""
        self.edits.append({"at": at, "text": self.text, "buttons": self.inline})
        self.content, self.markup, self.edit_date = content, markup, at
