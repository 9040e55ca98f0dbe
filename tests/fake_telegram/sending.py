"""The methods that put a message into a chat."""

from collections.abc import Callable
from typing import Any, Final

from tests.fake_telegram.entities import CAPTION_MAX, TEXT_MAX, Formatted, given, parse_html, plain, units
from tests.fake_telegram.fields import Fields
from tests.fake_telegram.files import content_of
from tests.fake_telegram.markup import Markup, read_markup
from tests.fake_telegram.messages import Message
from tests.fake_telegram.people import Chat
from tests.fake_telegram.refusal import bad_request
from tests.fake_telegram.world import World

MEDIA_METHODS: Final = {
    "sendPhoto": "photo",
    "sendDocument": "document",
    "sendVoice": "voice",
    "sendAudio": "audio",
    "sendVideo": "video",
    "sendVideoNote": "video_note",
    "sendAnimation": "animation",
    "sendSticker": "sticker",
}


def send_message(world: World, fields: Fields) -> dict[str, Any]:
    return post(world, fields, "sendMessage", text_content(world, fields, "sendMessage"))


def send_media(method: str) -> Callable[[World, Fields], dict[str, Any]]:
    """The handler of sendPhoto, sendDocument, …: an upload or a file id, with a caption where the kind has one."""
    kind = MEDIA_METHODS[method]

    def send(world: World, fields: Fields) -> dict[str, Any]:
        content = content_of(world.files.sent(kind, fields.file(kind)))
        if kind not in {"sticker", "video_note"}:
            content |= caption_content(world, fields, method)
        return post(world, fields, method, content)

    return send


def send_media_group(world: World, fields: Fields) -> list[dict[str, Any]]:
    items = fields.document("media", what="media")
    if not isinstance(items, list) or not 2 <= len(items) <= 10:
        raise bad_request("group must include 2-10 items")
    album = str(world.updates.dice.randrange(10**16, 10**17))
    contents = []
    for item in items:
        inner = Fields(fields.values | item | {item["type"]: item.get("media")})
        content = content_of(world.files.sent(item["type"], inner.file(item["type"])))
        contents.append(content | caption_content(world, inner, "sendMediaGroup") | {"media_group_id": album})
    return [post(world, fields, "sendMediaGroup", content) for content in contents]


def send_location(world: World, fields: Fields) -> dict[str, Any]:
    place = {name: float(fields.text(name) or 0) for name in ("latitude", "longitude")}
    return post(world, fields, "sendLocation", {"location": place})


def send_contact(world: World, fields: Fields) -> dict[str, Any]:
    phone, name = fields.text("phone_number"), fields.text("first_name")
    if not phone or not name:
        raise bad_request("contact phone number must be non-empty" if not phone else "contact name must be non-empty")
    return post(world, fields, "sendContact", {"contact": {"phone_number": phone, "first_name": name}})


def send_dice(world: World, fields: Fields) -> dict[str, Any]:
    thrown = {"emoji": fields.text("emoji") or "🎲", "value": world.updates.dice.randint(1, 6)}
    return post(world, fields, "sendDice", {"dice": thrown})


def copy_message(world: World, fields: Fields) -> dict[str, Any]:
    source = _source(world, fields, "copy")
    content = {name: value for name, value in source.content.items() if name != "media_group_id"}
    return {"message_id": post(world, fields, "copyMessage", content)["message_id"]}


def forward_message(world: World, fields: Fields) -> dict[str, Any]:
    source = _source(world, fields, "forward")
    origin = {"type": "user", "date": source.date, "sender_user": source.sender}
    return post(world, fields, "forwardMessage", source.content | {"forward_origin": origin})


def text_content(world: World, fields: Fields, method: str) -> dict[str, Any]:
    """Text and entities of a call, checked."""
    raw = fields.text("text")
    if raw is None:
        raise bad_request("message text is empty")
    said = _formatted(world, fields, raw, "entities", method)
    if not said.text:
        raise bad_request("text must be non-empty")
    if units(said.text) > TEXT_MAX:
        raise bad_request("message is too long")
    content: dict[str, Any] = {"text": said.text} | ({"entities": said.entities} if said.entities else {})
    preview = fields.document("link_preview_options", what="link preview options")
    return content | ({"link_preview_options": preview} if preview else {})


def caption_content(world: World, fields: Fields, method: str) -> dict[str, Any]:
    """Caption and its entities, {} without one."""
    raw = fields.text("caption")
    if raw is None:
        return {}
    said = _formatted(world, fields, raw, "caption_entities", method)
    if units(said.text) > CAPTION_MAX:
        raise bad_request("message caption is too long")
    return {"caption": said.text} | ({"caption_entities": said.entities} if said.entities else {})


def markup_of(world: World, fields: Fields, method: str, *, inline_only: bool = False) -> Markup:
    """The keyboard of a call, and a complaint for what was silently dropped."""
    markup = read_markup(fields, inline_only=inline_only)
    for oddity in markup.oddities:
        world.journal.blame(world.now(), "odd keyboard", oddity, method, fields.integer("chat_id") or None)
    return markup


def post(world: World, fields: Fields, method: str, content: dict[str, Any]) -> dict[str, Any]:
    """Put a message of the bot into the chat the call names, after every check."""
    markup = markup_of(world, fields, method)
    chat = world.open_chat(fields.text("chat_id"))
    topic = world.topic(chat, fields.integer("message_thread_id"))
    reply_to = _replied(world, chat, fields)
    world.pay(chat, method)
    thread = topic.id if topic else None
    message = world.add(chat, world.bot, content, markup=markup.shown, thread=thread, reply_to=reply_to)
    message.protected = fields.flag("protect_content")
    return message.json()


def _formatted(world: World, fields: Fields, raw: str, entities: str, method: str) -> Formatted:
    """The text as `parse_mode` or the entities of the call say; HTML is the only mode here."""
    mode = (fields.text("parse_mode") or "").lower()
    counted = fields.document(entities, what="message entities")
    if mode not in {"", "html"}:
        # Telegram knows Markdown as well; nothing here writes it, so a call that does is a fault of ours
        raise bad_request("unsupported parse_mode")
    said = parse_html(raw) if mode else given(raw, counted) if counted else plain(raw)
    for oddity in said.oddities:
        world.journal.blame(world.now(), "odd text", oddity, method, fields.integer("chat_id") or None)
    return said


def _replied(world: World, chat: Chat, fields: Fields) -> Message | None:
    """The message replied to; raises `Refusal` when it is gone and the call does not allow that."""
    parameters = fields.document("reply_parameters", what="reply parameters") or {}
    if not isinstance(parameters, dict):
        raise bad_request("object expected as reply parameters")
    wanted = int(parameters.get("message_id") or fields.integer("reply_to_message_id"))
    if not wanted:
        return None
    found = world.message(chat, wanted)
    if found is None and not (
        parameters.get("allow_sending_without_reply") or fields.flag("allow_sending_without_reply")
    ):
        raise bad_request("message to be replied not found")
    return found


def _source(world: World, fields: Fields, verb: str) -> Message:
    found = world.message(world.chat(fields.text("from_chat_id")), fields.integer("message_id"))
    if found is None:
        raise bad_request(f"message to {verb} not found")
    if found.protected:
        raise bad_request(f"message can't be {'copied' if verb == 'copy' else 'forwarded'}")
    return found
