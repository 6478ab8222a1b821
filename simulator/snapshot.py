"""The simulated world as plain JSON and back: added people, private chats, SMS, and updates not yet taken.

Groups, the journal, faults and what bots tell about themselves are not kept: bots tell it anew at their start.
"""

import base64
from collections.abc import Iterator

from . import clock
from .bots import Bot
from .chats import Chat, Media, Message
from .files import StoredFile
from .people import Json, Person
from .sms import Sms
from .state import State
from .updates import Update

VERSION = 1
KEPT_MESSAGES = 200
KEPT_SMS = 200
_CONTENT = ("id", "sender", "date", "text", "entities", "source", "parse_mode", "markup", "sent_markup")
_PLAIN = (*_CONTENT, "reply_to", "forward_origin", "edit_date")
_ABOUT_CHAT = ("keyboard", "keyboard_message", "blocked", "unread")


def to_json(world: State) -> Json:
    """Everything that a later run needs; of a chat its last messages, with their files."""
    bots = {str(bot.id): _bot_json(bot) for bot in world.bots.values()}
    return {
        "version": VERSION,
        "people": [vars(person) for person in world.people.values()],
        "bots": bots,
        "files": [_file_json(file) for bot in world.bots.values() for file in _files(bot)],
        "sms": [vars(sms) for sms in world.sms_box.messages[-KEPT_SMS:]],
        "balance": world.sms_box.balance,
    }


def restore(world: State, kept: Json) -> None:
    """Fill a new world. People and bots it was made with stay as they are.

    Raises KeyError, TypeError or ValueError for what `to_json` did not make.
    """
    if kept["version"] != VERSION:
        raise ValueError(f"made by another version: {kept['version']}")
    for person in (Person(**each) for each in kept["people"]):
        world.people.setdefault(person.id, person)
    for each in kept["files"]:
        world.files.put(StoredFile(**(each | {"data": base64.b64decode(each["data"])})))
    for bot in world.bots.values():
        if str(bot.id) in kept["bots"]:
            _fill_bot(world, bot, kept["bots"][str(bot.id)])
    world.sms_box.messages.extend(Sms(**each) for each in kept["sms"])
    world.sms_box.balance = kept["balance"]


def _bot_json(bot: Bot) -> Json:
    return {
        "chats": [_chat_json(chat) for chat in bot.chats.values() if chat.is_private],
        "pending": [vars(update) for update in bot.updates.pending if update.chat_id > 0],
    }


def _fill_bot(world: State, bot: Bot, kept: Json) -> None:
    for each in kept["chats"]:
        person = world.people.get(each["person"])
        if person is not None:
            bot.chats[person.id] = _chat(world, bot, person, each)
    bot.updates.take_over([Update(**each) for each in kept["pending"]])


def _chat_json(chat: Chat) -> Json:
    about = {name: getattr(chat, name) for name in _ABOUT_CHAT}
    return about | {
        "person": chat.id,
        "next_id": chat.next_id,
        "messages": [_message_json(message) for message in chat.visible()[-KEPT_MESSAGES:]],
    }


def _chat(world: State, bot: Bot, person: Person, kept: Json) -> Chat:
    # Ids go on far behind those that a run which was killed may have given out without keeping them.
    chat = Chat(bot.id, person.private_chat(), max(kept["next_id"], clock.first_message_id()), [person])
    for name in _ABOUT_CHAT:
        setattr(chat, name, kept[name])
    for each in kept["messages"]:
        message = Message(chat=chat.info, **{name: each[name] for name in _PLAIN})
        if each["media"] is not None:
            message.media = Media(
                each["media"]["kind"], each["media"]["value"], world.files.any(each["media"]["file"] or "")
            )
        chat.messages[message.id] = message
    return chat


def _message_json(message: Message) -> Json:
    made: Json = {name: getattr(message, name) for name in _PLAIN}
    media = message.media
    file_id = media.file.file_id if media and media.file else None
    return made | {"media": {"kind": media.kind, "value": media.value, "file": file_id} if media else None}


def _files(bot: Bot) -> Iterator[StoredFile]:
    for chat in bot.chats.values():
        if chat.is_private:
            for message in chat.visible()[-KEPT_MESSAGES:]:
                if message.media and message.media.file:
                    yield message.media.file


def _file_json(file: StoredFile) -> Json:
    fields = {name: getattr(file, name) for name in StoredFile.__dataclass_fields__}
    return fields | {"data": base64.b64encode(file.data).decode("ascii")}
