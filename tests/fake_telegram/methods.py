"""Which method does what, and what happens around every call."""

from collections.abc import Callable
from typing import Any, Final

from tests.fake_telegram import asking, editing, sending
from tests.fake_telegram.fields import Fields
from tests.fake_telegram.journal import Call
from tests.fake_telegram.refusal import Refusal
from tests.fake_telegram.world import World

Handler = Callable[[World, Fields], Any]

METHODS: Final[dict[str, Handler]] = {
    "getMe": asking.get_me,
    "sendMessage": sending.send_message,
    **{method: sending.send_media(method) for method in sending.MEDIA_METHODS},
    "sendMediaGroup": sending.send_media_group,
    "sendLocation": sending.send_location,
    "sendContact": sending.send_contact,
    "sendDice": sending.send_dice,
    "copyMessage": sending.copy_message,
    "forwardMessage": sending.forward_message,
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "pinChatMessage": editing.pin_chat_message,
    "unpinChatMessage": editing.unpin_chat_message,
    "unpinAllChatMessages": editing.unpin_all_chat_messages,
    "setMessageReaction": editing.set_message_reaction,
    "answerCallbackQuery": asking.answer_callback_query,
    "sendChatAction": asking.send_chat_action,
    "getFile": asking.get_file,
    "getChat": asking.get_chat,
    "getChatMember": asking.get_chat_member,
    "getChatMemberCount": asking.get_chat_member_count,
    "leaveChat": asking.leave_chat,
    "setMyCommands": asking.set_my_commands,
    "getMyCommands": asking.get_my_commands,
    "deleteMyCommands": asking.delete_my_commands,
    "createForumTopic": asking.create_forum_topic,
    "editForumTopic": asking.edit_forum_topic,
    "closeForumTopic": asking.close_forum_topic,
    "reopenForumTopic": asking.reopen_forum_topic,
    "deleteForumTopic": asking.delete_forum_topic,
    "setMyName": asking.done,
    "setMyDescription": asking.done,
    "setMyShortDescription": asking.done,
    "setChatMenuButton": asking.done,
}
ASYNC_METHODS: Final = ("getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo")
_BY_LOWER: Final = {name.lower(): name for name in (*METHODS, *ASYNC_METHODS)}


def proper_name(method: str) -> str:
    """The method as documented; Telegram does not mind upper and lower case."""
    return _BY_LOWER.get(method.lower(), method)


def run(world: World, call: Call, fields: Fields) -> Any:
    """Carry out one of METHODS; raises `Refusal`. What it leads to is written into `call`."""
    handler = METHODS.get(call.method)
    if handler is None:
        raise Refusal(404, "Not Found: method not found")
    result = handler(world, fields)
    call.applied = True
    if isinstance(result, dict):
        call.message_id = result.get("message_id")
    return result


def finish(world: World, call: Call, outcome: Refusal | None, result: Any = None) -> dict[str, Any]:
    """The body of the answer; the call and what there is to complain about are noted."""
    call.code = outcome.code if outcome else 200
    call.description = outcome.description if outcome else ""
    call.result = None if outcome else result
    call.took_s = world.now() - call.at
    world.answered(call, outcome)
    return outcome.json() if outcome else {"ok": True, "result": result}
