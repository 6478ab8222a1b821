"""Methods that put a new message into a chat."""

from simulator import clock
from simulator.chats import Chat, Media, Message
from simulator.errors import bad_request
from simulator.events import ActionShown
from simulator.files import StoredFile
from simulator.formatting import utf16_length
from simulator.params import Upload
from simulator.people import Json

from .registry import MAX_TEXT, Request, method

_ACTIONS = frozenset(
    {
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
)
_ACTION_SECONDS = 5


@method("sendMessage")
def send_message(request: Request) -> Json:
    """Send a text."""
    chat = request.writable_chat()
    source = request.params.text("text")
    if not source.strip():
        raise bad_request("message text is empty")
    text, entities = request.formatted("text", "entities")
    return put(request, chat, source, text=checked_text(text), entities=entities)


def checked_text(text: str) -> str:
    """The text after parsing, if a message may have it."""
    if not text:
        raise bad_request("text must be non-empty")
    if utf16_length(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return text


@method("sendPhoto")
def send_photo(request: Request) -> Json:
    """Send a picture."""
    chat = request.writable_chat()
    return _put_media(request, chat, photo_media(request, request.params.text("photo"), "photo"))


@method("sendDocument")
def send_document(request: Request) -> Json:
    """Send a file."""
    chat = request.writable_chat()
    return _put_media(request, chat, document_media(request, request.params.text("document"), "document"))


@method("sendContact")
def send_contact(request: Request) -> Json:
    """Send a contact."""
    chat = request.writable_chat()
    phone, name = request.params.text("phone_number"), request.params.text("first_name")
    if not phone:
        raise bad_request("phone number must be non-empty")
    if not name:
        raise bad_request("first name must be non-empty")
    return put(request, chat, "", media=Media("contact", {"phone_number": phone, "first_name": name}))


@method("sendChatAction")
def send_chat_action(request: Request) -> bool:
    """Show that the bot is typing."""
    chat = request.world.writable_chat(request.bot, request.chat_id())
    action = request.params.text("action").lower()
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.action, chat.action_until = action, clock.now() + _ACTION_SECONDS
    request.world.bell.ring(ActionShown(chat, action))
    return True


@method("copyMessage")
def copy_message(request: Request) -> Json:
    """Send a copy of a message; the answer is its id alone."""
    original = _original(request, "copy")
    chat = request.writable_chat()
    text, entities = original.text, original.entities
    if "caption" in request.params.values and original.media:
        text, entities = request.caption()
    made = put(request, chat, original.source, text=text, entities=entities, media=original.media)
    return {"message_id": made["message_id"]}


@method("forwardMessage")
def forward_message(request: Request) -> Json:
    """Forward a message."""
    original = _original(request, "forward")
    chat = request.writable_chat()
    origin = {"type": "user", "date": original.date, "sender_user": original.sender}
    return put(
        request,
        chat,
        original.source,
        text=original.text,
        entities=original.entities,
        media=original.media,
        forward_origin=origin,
    )


def _original(request: Request, what: str) -> Message:
    source = request.params.number("from_chat_id")
    return request.message(request.bot.chat(source), what)


def photo_media(request: Request, value: str, field: str) -> Media:
    """A photo that was uploaded or is named by its file_id. Raises ApiError 400."""
    upload = _upload(request, value, field)
    if upload is not None:
        sizes = request.world.files.add_photo(request.bot.id, upload.data)
    else:
        sizes = [_known(request, value, "photo")]
        if not sizes[0].width:
            raise bad_request("type of file mismatch")
    return Media("photo", [size.photo_size() for size in sizes], sizes[-1])


def document_media(request: Request, value: str, field: str) -> Media:
    """A document that was uploaded or is named by its file_id. Raises ApiError 400."""
    upload = _upload(request, value, field)
    if upload is not None:
        file = request.world.files.add(request.bot.id, "documents", upload.name, upload.data, upload.mime)
    else:
        file = _known(request, value, "document")
    return Media("document", file.fields() | {"file_name": file.name, "mime_type": file.mime}, file)


def _upload(request: Request, value: str, field: str) -> Upload | None:
    if value.startswith("attach://"):
        field = value.removeprefix("attach://")
        if field not in request.params.files:
            raise bad_request("wrong file identifier/HTTP URL specified")
    elif value:
        return None
    return request.params.files.get(field)


def _known(request: Request, value: str, what: str) -> StoredFile:
    if not value:
        raise bad_request(f"there is no {what} in the request")
    if value.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    file = request.world.files.by_id(request.bot.id, value)
    if file is None:
        raise bad_request("wrong remote file identifier specified: can't unserialize it. Wrong last symbol")
    return file


def _put_media(request: Request, chat: Chat, media: Media) -> Json:
    text, entities = request.caption()
    return put(request, chat, request.params.text("caption"), text=text, entities=entities, media=media)


def put(request: Request, chat: Chat, source: str, **content: object) -> Json:
    """Append the bot's message with its markup, tell about it, and give its Message object."""
    markup = request.markup()
    if markup and not chat.is_private:
        _refuse_requests(markup)
    reply_to = _reply_to(request, chat)
    message = chat.new_message(
        request.bot.user(),
        source=source,
        parse_mode=request.params.text("parse_mode"),
        markup=markup if markup and "inline_keyboard" in markup else None,
        sent_markup=markup,
        reply_to=reply_to,
        **content,
    )
    _keep_keyboard(chat, message)
    chat.unread += 1
    chat.action_until = 0.0
    request.world.show(chat, message)
    return chat.message_json(message)


def _reply_to(request: Request, chat: Chat) -> int | None:
    given = request.params.data("reply_parameters", "reply parameters")
    reply = given if isinstance(given, dict) else {}
    number = reply.get("message_id") or request.params.number("reply_to_message_id")
    if not isinstance(number, int):
        raise bad_request('can\'t parse reply parameters: Field "message_id" must be a Number')
    if not number:
        return None
    if chat.find(number) is None:
        lenient = bool(reply.get("allow_sending_without_reply"))
        if not lenient and not request.params.flag("allow_sending_without_reply"):
            raise bad_request("message to be replied not found")
        return None
    return number


def _refuse_requests(markup: Json) -> None:
    for row in markup.get("keyboard", []):
        if any(button.get("request_contact") for button in row):
            raise bad_request("phone number can be requested in private chats only")


def _keep_keyboard(chat: Chat, message: Message) -> None:
    markup = message.sent_markup or {}
    if "keyboard" in markup:
        chat.keyboard, chat.keyboard_message = markup, message.id
    elif "remove_keyboard" in markup:
        chat.keyboard = chat.keyboard_message = None
