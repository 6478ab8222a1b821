"""Hands, looks and faults over HTTP, for tests that run in another process."""

import base64
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from .chats import CallbackQuery, Message
from .errors import ApiError
from .faults import Fault
from .people import Json, Person
from .world import World

HANDS = (
    "start",
    "send_text",
    "send_contact",
    "send_photo",
    "send_document",
    "send_sticker",
    "send_voice",
    "edit_text",
    "press",
    "press_reply",
    "block",
    "unblock",
    "delete_message",
    "delete_chat",
    "acquaint",
    "create_group",
    "remove_from_group",
    "redeliver",
)


class Control:
    """Routes /control/… of one world.

    POST /control/<hand> takes the hand's arguments as a JSON object (bytes as base64 in "data") and answers
    {"ok": true, "result": …}. What goes wrong is answered with 400 and {"ok": false, "error": …}.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """What to add to the application."""
        return [
            web.get("/control/chat", self._guarded(self._chat)),
            web.get("/control/keyboard", self._guarded(self._keyboard)),
            web.get("/control/callback_answers", self._guarded(self._answers)),
            web.get("/control/sms", self._guarded(self._sms)),
            web.get("/control/journal", self._guarded(self._journal)),
            web.get("/control/mark", self._guarded(lambda *_: self._world.mark())),
            web.get("/control/updates", self._guarded(self._updates)),
            web.post("/control/wait", self._wait),
            web.post("/control/faults", self._guarded(self._add_fault)),
            web.delete("/control/faults", self._guarded(self._clear_faults)),
            web.post("/control/add_person", self._guarded(self._add_person)),
            web.post("/control/forward", self._guarded(self._forward)),
            web.post("/control/settings", self._guarded(self._settings)),
            web.post("/control/{hand}", self._guarded(self._hand)),
        ]

    def _guarded(self, work: Callable[[web.Request, Json], Any]) -> Any:
        async def handler(request: web.Request) -> web.Response:
            try:
                return _good(work(request, await _body(request)))
            except (ApiError, LookupError, TypeError, ValueError) as error:
                return _bad(error)

        return handler

    def _hand(self, request: web.Request, body: Json) -> Any:
        name = request.match_info["hand"]
        if name not in HANDS:
            raise LookupError(f"no hand {name!r}")
        if isinstance(body.get("data"), str) and name != "press":
            body["data"] = base64.b64decode(body["data"])
        return _plain(getattr(self._world, name)(**body))

    def _forward(self, _: web.Request, body: Json) -> Any:
        """Forward the message named by from_person, from_bot and message_id."""
        origin = self._world.chat(body.pop("from_person"), body.pop("from_bot"))
        number = body.pop("message_id")
        message = next((message for message in origin if message.id == number), None)
        if message is None:
            raise LookupError(f"no message {number}")
        return _plain(self._world.forward(**body, message=message))

    def _chat(self, request: web.Request, _: Json) -> Any:
        person, bot, chat_id = _place(request)
        return [message_json(message) for message in self._world.chat(person, bot, chat_id=chat_id)]

    def _keyboard(self, request: web.Request, _: Json) -> Any:
        person, bot, chat_id = _place(request)
        return self._world.reply_keyboard(person, bot, chat_id=chat_id)

    def _answers(self, request: web.Request, _: Json) -> Any:
        person, bot, _chat = _place(request)
        return self._world.callback_answers(person, bot)

    def _sms(self, request: web.Request, _: Json) -> Any:
        phone = request.query.get("phone")
        found = self._world.sms(phone) if phone else self._world.sms_box.messages
        return [sms.page_json() for sms in found]

    def _journal(self, request: web.Request, _: Json) -> Any:
        after = int(request.query.get("after", 0))
        calls = self._world.journal.calls(request.query.get("method"), request.query.get("bot"), after=after)
        return [call.to_json() for call in calls]

    def _updates(self, request: web.Request, _: Json) -> Any:
        bot = _number_or_name(request.query["bot"])
        pending = {update.id for update in self._world.pending_updates(bot)}
        return [update.to_json() | {"pending": update.id in pending} for update in self._world.updates(bot)]

    def _add_fault(self, _: web.Request, body: Json) -> Any:
        self._world.faults.add(Fault(**body))
        return True

    def _clear_faults(self, _: web.Request, __: Json) -> Any:
        self._world.faults.clear()
        return True

    def _add_person(self, _: web.Request, body: Json) -> Any:
        return vars(self._world.add_person(Person(**body)))

    def _settings(self, _: web.Request, body: Json) -> Any:
        """Change the flood limit, the balance of the SMS account or the life of a callback query."""
        for name, value in body.items():
            match name:
                case "flood_limit":
                    self._world.flood.enabled = bool(value)
                case "sms_balance":
                    self._world.sms_box.balance = float(value)
                case "callback_seconds":
                    self._world.callback_seconds = float(value)
                case _:
                    raise LookupError(f"no setting {name!r}")
        return True

    async def _wait(self, request: web.Request) -> web.Response:
        """Wait for a bot's message; the arguments are those of Looks.wait_message."""
        try:
            message = await self._world.wait_message(**await _body(request))
        except (LookupError, TypeError, ValueError, TimeoutError) as error:
            return _bad(error)
        return _good(message_json(message))


def message_json(message: Message) -> Json:
    """A message with what the Bot API does not tell: the source as sent, and how often it was edited."""
    return message.to_json() | {
        "source": message.source,
        "edits": message.edits,
        "from_bot": message.from_bot,
        "update_id": message.update_id,
        "buttons": message.buttons,
    }


def _plain(result: Any) -> Any:
    if isinstance(result, Message):
        return message_json(result)
    if isinstance(result, CallbackQuery):
        return {"query_id": result.id, "update_id": result.update_id, "data": result.data}
    return result


async def _body(request: web.Request) -> Json:
    text = await request.text()
    body = json.loads(text) if text else {}
    if not isinstance(body, dict):
        raise ValueError("a JSON object is expected")
    return body


def _place(request: web.Request) -> tuple[int, int | str, int | None]:
    query = request.query
    chat_id = int(query["chat_id"]) if "chat_id" in query else None
    return int(query["person"]), _number_or_name(query["bot"]), chat_id


def _number_or_name(text: str) -> int | str:
    return int(text) if text.isdigit() else text


def _good(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _bad(error: Exception) -> web.Response:
    return web.json_response({"ok": False, "error": str(error)}, status=400)
