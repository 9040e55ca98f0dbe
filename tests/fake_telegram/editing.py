"""The methods that change a message that is there already."""

from typing import Any, Final

from telegram.constants import ReactionEmoji

from tests.fake_telegram.fields import Fields
from tests.fake_telegram.messages import Message
from tests.fake_telegram.people import Chat
from tests.fake_telegram.refusal import bad_request
from tests.fake_telegram.sending import caption_content, markup_of, text_content
from tests.fake_telegram.world import World

DELETE_WITHIN_S: Final = 48 * 3600  # older messages stay; core.telegram.org/bots/api#deletemessage
NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


def edit_message_text(world: World, fields: Fields) -> dict[str, Any]:
    content = text_content(world, fields, "editMessageText")
    chat, message = _own_message(world, fields, "editMessageText")
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    return _edit(world, fields, "editMessageText", chat, message, content)


def edit_message_caption(world: World, fields: Fields) -> dict[str, Any]:
    caption = caption_content(world, fields, "editMessageCaption")
    chat, message = _own_message(world, fields, "editMessageCaption")
    if message.media is None or message.media in {"sticker", "location", "contact", "dice", "video_note"}:
        raise bad_request("there is no caption in the message to edit")
    kept = {k: v for k, v in message.content.items() if k not in {"caption", "caption_entities"}}
    return _edit(world, fields, "editMessageCaption", chat, message, kept | caption)


def edit_message_reply_markup(world: World, fields: Fields) -> dict[str, Any]:
    chat, message = _own_message(world, fields, "editMessageReplyMarkup")
    return _edit(world, fields, "editMessageReplyMarkup", chat, message, message.content)


def delete_message(world: World, fields: Fields) -> bool:
    chat = world.open_chat(fields.text("chat_id"))
    message = world.message(chat, fields.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    _delete(world, chat, message)
    return True


def delete_messages(world: World, fields: Fields) -> bool:
    chat = world.open_chat(fields.text("chat_id"))
    for message_id in fields.document("message_ids", what="message identifiers") or []:
        message = world.message(chat, int(message_id))
        if message is not None:
            _delete(world, chat, message)
    return True


def pin_chat_message(world: World, fields: Fields) -> bool:
    chat = world.open_chat(fields.text("chat_id"))
    message = world.message(chat, fields.integer("message_id"))
    if message is None:
        raise bad_request("message to pin not found")
    _need_admin(chat, "not enough rights to manage pinned messages in the chat")
    if message.id not in chat.pinned:
        chat.pinned.append(message.id)
    return True


def unpin_chat_message(world: World, fields: Fields) -> bool:
    chat = world.open_chat(fields.text("chat_id"))
    _need_admin(chat, "not enough rights to manage pinned messages in the chat")
    wanted = fields.integer("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if wanted not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(wanted)
    return True


def unpin_all_chat_messages(world: World, fields: Fields) -> bool:
    world.open_chat(fields.text("chat_id")).pinned.clear()
    return True


def set_message_reaction(world: World, fields: Fields) -> bool:
    chat = world.open_chat(fields.text("chat_id"))
    message = world.message(chat, fields.integer("message_id"))
    if message is None:
        raise bad_request("message to react not found")
    reactions = fields.document("reaction", what="reaction types") or []
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    emoji = [str(r.get("emoji", "")).replace("\ufe0f", "") for r in reactions]
    if any(e not in REACTIONS for e in emoji):
        raise bad_request("REACTION_INVALID")
    message.reactions["bot"] = emoji
    chat.changed("reaction", message.id)
    return True


# The emoji a bot may react with; core.telegram.org/bots/api#reactiontypeemoji
REACTIONS: Final = frozenset(emoji.value.replace("\ufe0f", "") for emoji in ReactionEmoji)


def _own_message(world: World, fields: Fields, method: str) -> tuple[Chat, Message]:
    """The message of the bot that the call names; raises `Refusal` when there is none it may change."""
    if fields.text("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = world.open_chat(fields.text("chat_id"))
    if not fields.integer("message_id"):
        raise bad_request("message identifier is not specified")
    message = world.message(chat, fields.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if not message.may_be_edited:
        raise bad_request("message can't be edited")
    return chat, message


def _edit(
    world: World, fields: Fields, method: str, chat: Chat, message: Message, content: dict[str, Any]
) -> dict[str, Any]:
    """Change content and keyboard; a call without `reply_markup` takes the keyboard away."""
    markup = markup_of(world, fields, method, inline_only=True).shown
    if _visible(content) == _visible(message.content) and markup == message.markup:
        raise bad_request(NOT_MODIFIED)
    world.pay(chat, method, is_edit=True)
    message.becomes(int(world.now()), content, markup)
    chat.changed("edit", message.id)
    return message.json()


def _visible(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name != "link_preview_options"}


def _delete(world: World, chat: Chat, message: Message) -> None:
    if message.date < world.now() - DELETE_WITHIN_S:
        raise bad_request("message can't be deleted for everyone")
    if not message.from_bot and chat.kind != "private":
        _need_admin(chat, "message can't be deleted")
    message.deleted = True
    chat.changed("delete", message.id)


def _need_admin(chat: Chat, refusal: str) -> None:
    if chat.kind != "private" and chat.bot_status != "administrator":
        raise bad_request(refusal)
