"""What the page is told: plain JSON made from the simulated world."""

from . import clock
from .bots import Bot
from .chats import Chat, Message
from .people import Json, Person
from .state import State


def bot_json(bot: Bot, language: str = "ru") -> Json:
    """A bot for the list of chats."""
    return {
        "id": bot.id,
        "username": bot.account.username,
        "first_name": bot.name,
        "pane": bot.account.pane,
        "description": bot.shown_description(language),
        "commands": bot.shown_commands(language),
    }


def person_json(person: Person) -> Json:
    """A person to choose."""
    return {
        "id": person.id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "phone": person.phone,
        "role": person.role,
        "username": person.username,
    }


def state_json(world: State) -> Json:
    """Everything a page needs when it opens."""
    return {
        "type": "state",
        "title": world.title,
        "bots": [bot_json(bot) for bot in world.bots.values()],
        "people": [person_json(person) for person in world.people.values()],
        "sms": [sms.page_json() for sms in world.sms_box.messages],
    }


def chat_json(world: State, chat: Chat) -> Json:
    """A whole private chat."""
    return {
        "type": "chat",
        "person": chat.id,
        "bot": chat.bot_id,
        "messages": [message_json(world, message) for message in chat.visible()],
        "reply_keyboard": keyboard_json(chat),
        "typing": chat.typing,
        "blocked": chat.blocked,
        "unread": chat.unread,
    } | _about(world.bots[chat.bot_id], chat.members[0])


def _about(bot: Bot, person: Person) -> Json:
    """What the bot says of itself to this person: in their language, with the commands of their chat."""
    return {
        "description": bot.shown_description(person.language_code),
        "commands": bot.shown_commands(person.language_code, person.id),
    }


def empty_chat_json(person: Person, bot: Bot) -> Json:
    """The chat of two who never spoke."""
    return _about(bot, person) | {
        "type": "chat",
        "person": person.id,
        "bot": bot.id,
        "messages": [],
        "reply_keyboard": None,
        "typing": False,
        "blocked": False,
        "unread": 0,
    }


def keyboard_json(chat: Chat) -> Json | None:
    """The reply keyboard, or None."""
    markup = chat.keyboard
    if markup is None:
        return None
    rows = [
        [{"text": button["text"], "request_contact": bool(button.get("request_contact"))} for button in row]
        for row in markup["keyboard"]
    ]
    placeholder = markup.get("input_field_placeholder")
    return {"rows": rows, "placeholder": placeholder, "one_time": bool(markup.get("one_time_keyboard"))}


def message_json(world: State, message: Message) -> Json:
    """One message."""
    media = message.media
    made: Json = {
        "id": message.id,
        "from": "bot" if message.from_bot else "person",
        "html": world.safe_html(message),
        "text": message.text,
        "photo": None,
        "document": None,
        "contact": None,
        "sticker": bool(media and media.kind == "sticker"),
        "buttons": _buttons(message),
        "at": clock.iso(message.date),
        "edited": message.edit_date is not None,
        "system": _system(message),
    }
    if media is None:
        return made
    if media.kind == "contact" and isinstance(media.value, dict):
        names = (media.value.get("first_name"), media.value.get("last_name"))
        made["contact"] = {
            "phone": f"+{media.value['phone_number'].lstrip('+')}",
            "name": " ".join(name for name in names if name),
        }
    elif media.file and media.kind == "photo":
        made["photo"] = f"/media/{media.file.file_id}"
    elif media.file and media.kind in ("document", "voice"):
        file = media.file
        made["document"] = {"name": file.name, "url": f"/media/{file.file_id}", "size": len(file.data)}
    return made


def _system(message: Message) -> str | None:
    origin = message.forward_origin
    if origin is None:
        return None
    sender = origin.get("sender_user") or {}
    return f"Переслано от {origin.get('sender_user_name') or sender.get('first_name', '')}"


def _buttons(message: Message) -> list[list[Json]] | None:
    if message.markup is None:
        return None
    return [
        [
            {
                "text": button["text"],
                "data": button.get("callback_data"),
                "url": button.get("url"),
                "copy": (button.get("copy_text") or {}).get("text"),
            }
            for button in row
        ]
        for row in message.markup["inline_keyboard"]
    ]
