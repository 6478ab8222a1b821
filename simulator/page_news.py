"""What a page is told when something happens."""

from .chats import Chat
from .events import (
    ActionShown,
    BotChanged,
    ChatChanged,
    Event,
    MessageGone,
    MessageShown,
    PersonAdded,
    PressAnswered,
    SmsAccepted,
    TitleChanged,
)
from .page_view import bot_json, chat_json, keyboard_json, message_json, person_json
from .people import Json
from .state import State


def page_news(world: State, event: Event) -> Json | None:
    """The message for pages about an event; None for what they don't show, which is groups."""
    match event:
        case MessageShown(chat) | MessageGone(chat) | ChatChanged(chat) | ActionShown(chat):
            return _chat_news(world, event) if chat.is_private else None
        case PressAnswered(bot, query):
            answer = query.answer or {}
            return {
                "type": "callback_answer",
                "person": query.person.id,
                "bot": bot.id,
                "text": answer.get("text", ""),
                "alert": bool(answer.get("show_alert")),
                "query_id": query.id,
            }
        case SmsAccepted(sms):
            return {"type": "sms", "sms": sms.page_json()}
        case PersonAdded(person):
            return {"type": "person", "person": person_json(person)}
        case BotChanged(bot):
            return {"type": "bot", "bot": bot_json(bot)}
        case TitleChanged(title):
            return {"type": "title", "title": title}


def _chat_news(world: State, event: MessageShown | MessageGone | ChatChanged | ActionShown) -> Json:
    match event:
        case MessageShown(chat, message):
            news = {"type": "message", "message": message_json(world, message)}
            return news | _where(chat) | {"reply_keyboard": keyboard_json(chat), "unread": chat.unread}
        case MessageGone(chat, message):
            return {"type": "deleted", "id": message.id} | _where(chat)
        case ActionShown(chat, action):
            return {"type": "action", "action": action} | _where(chat)
        case ChatChanged(chat):
            return chat_json(world, chat)


def _where(chat: Chat) -> Json:
    return {"person": chat.id, "bot": chat.bot_id}
