"""A person's hand: everything that somebody can do to a bot in Telegram."""

from . import clock
from .chats import CallbackQuery, Chat, Media, Message, Version
from .events import ChatChanged, MessageGone
from .formatting import clean, fix
from .membership import Membership
from .people import Json
from .state import BotRef, PersonRef


class Hands(Membership):
    """Acts as a person. `bot` is an id, username, token or account; `chat_id` names a group.

    What a person sends is returned as the Message; its `update_id` is 0 where the bot does not want such updates.
    """

    def start(self, person: PersonRef, bot: BotRef, payload: str = "") -> Message:
        """Press Start, or follow a link with ?start=payload. Unblocks a blocked bot, as Telegram does."""
        chat = self.open_chat(self.bot(bot), self.person(person))
        if chat.blocked:
            self.unblock(person, bot)
        return self.send_text(person, bot, f"/start {payload}".strip())

    def send_text(
        self, person: PersonRef, bot: BotRef, text: str, *, chat_id: int | None = None, reply_to: int | None = None
    ) -> Message:
        """Type a text and send it. Raises ValueError for what Telegram would not send."""
        trimmed, entities = fix(clean(text), [])
        if not trimmed:
            raise ValueError("an empty text can't be sent")
        return self._send(person, bot, chat_id, text=trimmed, entities=entities, source=text, reply_to=reply_to)

    def send_contact(
        self,
        person: PersonRef,
        bot: BotRef,
        *,
        own: bool = True,
        phone: str | None = None,
        user_id: int | None = None,
        first_name: str = "",
        chat_id: int | None = None,
        plus: bool = False,
    ) -> Message:
        """Share one's own contact, or somebody's with `own=False` or a `phone`.

        Telegram's clients differ on the plus before the number; without `plus` it is left out.
        """
        who = self.person(person)
        if own and phone is None:
            if who.phone is None:
                raise ValueError(f"person {who.id} has no phone")
            phone, user_id, first_name = who.phone, who.id, who.first_name
        digits = (phone or "").lstrip("+")
        value: Json = {"phone_number": f"+{digits}" if plus else digits, "first_name": first_name or "Contact"}
        if user_id == who.id and who.last_name:
            value["last_name"] = who.last_name
        if user_id is not None:
            value["user_id"] = user_id
        return self._send(person, bot, chat_id, media=Media("contact", value))

    def send_photo(
        self, person: PersonRef, bot: BotRef, data: bytes, caption: str = "", *, chat_id: int | None = None
    ) -> Message:
        """Send a picture. Raises ApiError for bytes that are no picture."""
        sizes = self.files.add_photo(self.bot(bot).id, data)
        media = Media("photo", [size.photo_size() for size in sizes], sizes[-1])
        text, entities = fix(clean(caption), [])
        return self._send(person, bot, chat_id, media=media, text=text, entities=entities, source=caption)

    def send_document(
        self,
        person: PersonRef,
        bot: BotRef,
        data: bytes,
        name: str = "file.bin",
        caption: str = "",
        *,
        mime: str = "",
        chat_id: int | None = None,
    ) -> Message:
        """Send a file as a document."""
        file = self.files.add(self.bot(bot).id, "documents", name, data, mime)
        value = file.fields() | {"file_name": name, "mime_type": file.mime}
        text, entities = fix(clean(caption), [])
        media = Media("document", value, file)
        return self._send(person, bot, chat_id, media=media, text=text, entities=entities, source=caption)

    def send_sticker(
        self, person: PersonRef, bot: BotRef, emoji: str = "👍", *, chat_id: int | None = None
    ) -> Message:
        """Send a sticker."""
        file = self.files.add(self.bot(bot).id, "stickers", "sticker.webp", b"RIFF\0\0\0\0WEBP")
        value = file.fields() | {
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
            "emoji": emoji,
        }
        return self._send(person, bot, chat_id, media=Media("sticker", value, file))

    def send_voice(
        self, person: PersonRef, bot: BotRef, data: bytes = b"OggS", *, chat_id: int | None = None
    ) -> Message:
        """Send a voice message."""
        file = self.files.add(self.bot(bot).id, "voice", "voice.oga", data, "audio/ogg")
        media = Media("voice", file.fields() | {"duration": 1, "mime_type": file.mime}, file)
        return self._send(person, bot, chat_id, media=media)

    def forward(self, person: PersonRef, bot: BotRef, message: Message, *, author: str | None = None) -> Message:
        """Forward any message. `author` names somebody who hides their account: only the name is told then."""
        origin: Json = {"type": "user", "date": message.date, "sender_user": message.sender}
        if author is not None:
            origin = {"type": "hidden_user", "date": message.date, "sender_user_name": author}
        return self._send(
            person,
            bot,
            None,
            text=message.text,
            entities=message.entities,
            media=message.media,
            source=message.source,
            forward_origin=origin,
        )

    def edit_text(
        self, person: PersonRef, bot: BotRef, message_id: int, text: str, *, chat_id: int | None = None
    ) -> int:
        """Edit one's own message; returns the update's id."""
        target, chat = self.bot(bot), self._place(person, bot, chat_id)
        message = self._message(chat, message_id)
        if message.from_bot:
            raise ValueError("people can't edit a bot's message")
        message.history.append(Version(message.text, None, message.media))
        message.source, (message.text, message.entities) = text, fix(clean(text), [])
        message.edit_date = int(clock.now())
        self.show(chat, message)
        return self.queue(target, "edited_message", chat.message_json(message), chat)

    def press(
        self,
        person: PersonRef,
        bot: BotRef,
        message_id: int | None,
        button: str,
        *,
        chat_id: int | None = None,
        force: bool = False,
    ) -> CallbackQuery:
        """Press the inline button with that text or callback_data; None for the newest message that has it.

        With `force` any data is sent, whether or not such a button or the message is still there, as a slow or
        modified client could.
        Raises LookupError where there is no such message or button.
        """
        target, chat = self.bot(bot), self._place(person, bot, chat_id)
        message = (
            self._message_with(chat, button)
            if message_id is None
            else self._message(chat, message_id, deleted_too=force)
        )
        found = message.inline_button(button)
        data = found.get("callback_data") if found else None
        if force:
            data = button if data is None else data
        if not isinstance(data, str):
            raise LookupError(f"no button {button!r} to press on message {message.id}: {message.buttons}")
        query = self.new_query(self.person(person), chat, message, data)
        target.queries[query.id] = query
        query.update_id = self.queue(target, "callback_query", _press_json(query, chat, message), chat)
        return query

    def press_reply(self, person: PersonRef, bot: BotRef, button: str, *, chat_id: int | None = None) -> Message:
        """Press a button of the reply keyboard. Raises LookupError where the keyboard has none such."""
        chat = self._place(person, bot, chat_id)
        rows = chat.keyboard["keyboard"] if chat.keyboard else []
        found = next((item for row in rows for item in row if item["text"] == button), None)
        if found is None:
            texts = [[item["text"] for item in row] for row in rows]
            raise LookupError(f"no button {button!r} on the reply keyboard: {texts}")
        if found.get("request_contact"):
            return self.send_contact(person, bot, chat_id=chat_id)
        return self.send_text(person, bot, button, chat_id=chat_id)

    def delete_message(self, person: PersonRef, bot: BotRef, message_id: int) -> None:
        """Delete a message on both sides; the bot is not told."""
        chat = self._place(person, bot, None)
        message = self._message(chat, message_id)
        message.deleted = True
        self.bell.ring(MessageGone(chat, message))

    def delete_chat(self, person: PersonRef, bot: BotRef) -> None:
        """Clear the history on both sides; the bot is not told."""
        chat = self._place(person, bot, None)
        for message in chat.messages.values():
            message.deleted = True
        chat.keyboard = chat.keyboard_message = None
        self.bell.ring(ChatChanged(chat))

    def _place(self, person: PersonRef, bot: BotRef, chat_id: int | None) -> Chat:
        target, who = self.bot(bot), self.person(person)
        return self.open_chat(target, who) if chat_id is None else target.chat(chat_id)

    def _message(self, chat: Chat, message_id: int, *, deleted_too: bool = False) -> Message:
        message = chat.messages.get(message_id) if deleted_too else chat.find(message_id)
        if message is None:
            raise LookupError(f"no message {message_id} in chat {chat.id}")
        return message

    def _message_with(self, chat: Chat, button: str) -> Message:
        for message in reversed(chat.visible()):
            if message.inline_button(button):
                return message
        raise LookupError(f"no message with a button {button!r} in chat {chat.id}")

    def _send(self, person: PersonRef, bot: BotRef, chat_id: int | None, **content: object) -> Message:
        target, chat = self.bot(bot), self._place(person, bot, chat_id)
        if chat.blocked:
            raise ValueError("a blocked bot can't be written to; unblock it first")
        message = chat.new_message(self.person(person).user(), **content)
        self.show(chat, message)
        message.update_id = self.queue(target, "message", chat.message_json(message), chat)
        return message


def _press_json(query: CallbackQuery, chat: Chat, message: Message) -> Json:
    """The Bot API's CallbackQuery object; of a message that is gone only the id is told."""
    gone: Json = {"chat": chat.info, "message_id": message.id, "date": 0}
    return {
        "id": query.id,
        "from": query.person.user(),
        "message": gone if message.deleted else chat.message_json(message),
        "chat_instance": str(chat.id * 7919),
        "data": query.data,
    }
