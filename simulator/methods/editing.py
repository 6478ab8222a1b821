"""Methods that change a message."""

import json

from simulator import clock
from simulator.chats import Chat, Media, Message, Version
from simulator.errors import NOT_MODIFIED, bad_request
from simulator.markup import inline_only, parse_markup
from simulator.people import Json

from .registry import Request, checked_caption, format_text, method
from .sending import checked_text, document_media, photo_media


@method("editMessageText")
def edit_text(request: Request) -> Json:
    """Replace the text; a keyboard that is not given again is taken away."""
    chat, message = _target(request)
    if message.media:
        raise bad_request("there is no text in the message to edit")
    source = request.params.text("text")
    if not source.strip():
        raise bad_request("message text is empty")
    text, entities = request.formatted("text", "entities")
    return _change(request, chat, message, checked_text(text), entities, None, source)


@method("editMessageCaption")
def edit_caption(request: Request) -> Json:
    """Replace the caption."""
    chat, message = _target(request)
    if message.media is None or message.media.kind == "contact":
        raise bad_request("there is no caption in the message to edit")
    text, entities = request.caption()
    return _change(request, chat, message, text, entities, message.media, request.params.text("caption"))


@method("editMessageMedia")
def edit_media(request: Request) -> Json:
    """Replace picture or file, with a new caption."""
    chat, message = _target(request)
    given = request.params.data("media", "input media")
    if not isinstance(given, dict):
        raise bad_request("can't parse InputMedia: expected an Object")
    where = given.get("media")
    if not isinstance(where, str) or not where:
        raise bad_request("can't parse InputMedia: media not found")
    media = _media(request, str(given.get("type")), where)
    raw = str(given.get("caption") or "")
    text, entities = format_text(raw, str(given.get("parse_mode") or ""), given.get("caption_entities"))
    return _change(request, chat, message, checked_caption(text), entities, media, raw)


@method("editMessageReplyMarkup")
def edit_markup(request: Request) -> Json:
    """Replace the inline keyboard."""
    chat, message = _target(request)
    return _change(request, chat, message, message.text, message.entities, message.media, message.source)


def _target(request: Request) -> tuple[Chat, Message]:
    if request.params.text("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = request.writable_chat()
    message = request.message(chat, "edit")
    sent = message.sent_markup
    if not message.from_bot or message.forward_origin or (sent is not None and "inline_keyboard" not in sent):
        raise bad_request("message can't be edited")
    return chat, message


def _media(request: Request, kind: str, where: str) -> Media:
    if kind == "photo":
        return photo_media(request, where, "media")
    if kind == "document":
        return document_media(request, where, "media")
    raise bad_request(f'can\'t parse InputMedia: type "{kind}" is unsupported')


def _change(
    request: Request,
    chat: Chat,
    message: Message,
    text: str,
    entities: list[Json],
    media: Media | None,
    source: str,
) -> Json:
    markup = inline_only(parse_markup(request.params.values.get("reply_markup")))
    same_media = (media and media.file) == (message.media and message.media.file)
    if same_media and (text, entities) == (message.text, message.entities) and _same(markup, message.markup):
        raise bad_request(NOT_MODIFIED)
    message.history.append(Version(message.text, message.markup, message.media))
    message.text, message.entities, message.source, message.markup = text, entities, source, markup
    message.sent_markup = markup
    if media is not None:
        message.media = media
    message.edit_date = int(clock.now())
    request.world.show(chat, message)
    return chat.message_json(message)


def _same(one: Json | None, other: Json | None) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
