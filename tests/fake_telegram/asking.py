"""The methods that ask, answer or set something and send no message."""

import re
from typing import Any, Final

from tests.fake_telegram.fields import Fields
from tests.fake_telegram.people import Chat, Person, Topic
from tests.fake_telegram.refusal import bad_request
from tests.fake_telegram.webhook import Hook
from tests.fake_telegram.world import World

TOAST_MAX: Final = 200  # characters; core.telegram.org/bots/api#answercallbackquery
COMMANDS_MAX: Final = 100
ACTIONS: Final = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
TOO_OLD: Final = "query is too old and response timeout expired or query ID is invalid"


def get_me(world: World, fields: Fields) -> dict[str, Any]:
    abilities = {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy_mode,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
    return world.bot.json() | abilities


def answer_callback_query(world: World, fields: Fields) -> bool:
    text = fields.text("text") or ""
    if len(text) > TOAST_MAX:
        raise bad_request("MESSAGE_TOO_LONG")
    query = world.queries.get(fields.text("callback_query_id") or "")
    now = world.now()
    if query is None or query.answer is not None or now - query.at > world.query_life_s:
        raise bad_request(TOO_OLD)
    query.answer = {"text": text, "show_alert": fields.flag("show_alert"), "url": fields.text("url"), "at": now}
    chat = world.chats[query.chat]
    chat.changed("toast", query.message_id)
    return True


def send_chat_action(world: World, fields: Fields) -> bool:
    world.open_chat(fields.text("chat_id"))
    if fields.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    return True


def get_file(world: World, fields: Fields) -> dict[str, Any]:
    file = world.files.wanted(fields.text("file_id"))
    return file.json() | {"file_path": file.path}


def get_chat(world: World, fields: Fields) -> dict[str, Any]:
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    full = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(gifts, False)}
    chat = world.chat(fields.text("chat_id"))
    pinned = world.message(chat, chat.pinned[-1]) if chat.pinned else None
    return chat.json() | full | ({"pinned_message": pinned.json()} if pinned else {})


def get_chat_member(world: World, fields: Fields) -> dict[str, Any]:
    chat = world.chat(fields.text("chat_id"))
    wanted = fields.integer("user_id")
    if wanted == world.bot.id:
        return member(world.bot, chat.bot_status)
    if wanted not in world.people:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return member(world.people[wanted], "member")


def get_chat_member_count(world: World, fields: Fields) -> int:
    chat = world.chat(fields.text("chat_id"))
    return 2 if chat.kind == "private" else len({m.sender["id"] for m in chat.messages.values()} | {world.bot.id})


def leave_chat(world: World, fields: Fields) -> bool:
    world.open_chat(fields.text("chat_id")).bot_status = "left"
    return True


def set_my_commands(world: World, fields: Fields) -> bool:
    commands = fields.document("commands", what="commands")
    if not isinstance(commands, list) or len(commands) > COMMANDS_MAX:
        raise bad_request(
            "too many commands" if isinstance(commands, list) else "can't parse commands: expected an Array"
        )
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", str(command.get("command", ""))):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", "")).strip()) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    world.commands[_commands_key(fields)] = commands
    return True


def get_my_commands(world: World, fields: Fields) -> list[dict[str, str]]:
    return world.commands.get(_commands_key(fields), [])


def delete_my_commands(world: World, fields: Fields) -> bool:
    world.commands.pop(_commands_key(fields), None)
    return True


def create_forum_topic(world: World, fields: Fields) -> dict[str, Any]:
    chat = _forum(world, fields)
    name = fields.text("name")
    if not name or len(name) > 128:
        raise bad_request("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_TOO_LONG")
    return topic_json(new_topic(world, chat, name))


def edit_forum_topic(world: World, fields: Fields) -> bool:
    topic = _topic(world, fields)
    topic.name = fields.text("name") or topic.name
    return True


def close_forum_topic(world: World, fields: Fields) -> bool:
    _topic(world, fields).closed = True
    return True


def reopen_forum_topic(world: World, fields: Fields) -> bool:
    _topic(world, fields).closed = False
    return True


def delete_forum_topic(world: World, fields: Fields) -> bool:
    topic = _topic(world, fields)
    del _forum(world, fields).topics[topic.id]
    return True


def done(world: World, fields: Fields) -> bool:
    """For methods that only change how the bot is presented: name, description, menu button."""
    return True


async def set_webhook(world: World, fields: Fields, hooks: Any) -> bool:
    """Bring updates to `url` from now on; without one, stop."""
    url = fields.text("url")
    secret = fields.text("secret_token")
    if fields.flag("drop_pending_updates"):
        world.updates.drop_all()
    if url is None:
        await hooks.drop()
        return True
    if not re.match(r"https://|http://(127\.0\.0\.1|localhost)[:/]", url):
        raise bad_request("invalid webhook URL specified")  # Telegram wants https; the fake stays on this machine
    if secret is not None and len(secret) > 256:
        raise bad_request("secret token is too long")
    if secret is not None and not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
    world.updates.allow(fields.document("allowed_updates", what="allowed updates"))
    await hooks.set(Hook(url, secret, min(100, max(1, fields.integer("max_connections", 40)))))
    return True


def member(person: Person, status: str) -> dict[str, Any]:
    """A ChatMember with every field its status demands."""
    body: dict[str, Any] = {"user": person.json(), "status": status}
    if status == "kicked":
        return body | {"until_date": 0}
    if status == "administrator":
        rights = [
            "can_be_edited",
            "is_anonymous",
            "can_manage_chat",
            "can_delete_messages",
            "can_manage_video_chats",
            "can_restrict_members",
            "can_promote_members",
            "can_change_info",
            "can_invite_users",
            "can_post_stories",
            "can_edit_stories",
            "can_delete_stories",
            "can_pin_messages",
            "can_manage_topics",
        ]
        return body | dict.fromkeys(rights, True) | {"is_anonymous": False, "can_be_edited": False}
    return body


def new_topic(world: World, chat: Chat, name: str) -> Topic:
    """A thread; its first message is the service message that made it, and gives it its id."""
    made = world.add(chat, world.bot, {"forum_topic_created": {"name": name, "icon_color": 7322096}})
    chat.topics[made.id] = Topic(made.id, name)
    made.thread = made.id
    return chat.topics[made.id]


def topic_json(topic: Topic) -> dict[str, Any]:
    return {"message_thread_id": topic.id, "name": topic.name, "icon_color": 7322096}


def _commands_key(fields: Fields) -> str:
    scope = fields.document("scope", what="bot command scope") or {}
    return f"{scope.get('type', 'default')}:{scope.get('chat_id', '')}:{fields.text('language_code') or ''}"


def _forum(world: World, fields: Fields) -> Chat:
    chat = world.open_chat(fields.text("chat_id"))
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    if chat.bot_status != "administrator":
        raise bad_request("not enough rights to create a topic")
    return chat


def _topic(world: World, fields: Fields) -> Topic:
    found = _forum(world, fields).topics.get(fields.integer("message_thread_id"))
    if found is None:
        raise bad_request("message thread not found")
    return found
