"""The page's WebSocket: every page sees every chat; what it sends is a person's hand."""

import asyncio
import json
from collections.abc import Callable

from aiohttp import WSMsgType, web

from .errors import ApiError
from .events import ChatChanged, Event
from .page_news import page_news
from .page_view import chat_json, empty_chat_json, state_json
from .people import Json
from .world import World

_QUEUE = 10_000


class PageSocket:
    """The /ws endpoint of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pages: dict[web.WebSocketResponse, asyncio.Queue[Json]] = {}
        self._hands: dict[str, Callable[[Json], Json | None]] = {
            "open": self._open,
            "text": self._text,
            "press": self._press,
            "contact": self._contact,
            "start": self._start,
            "block": self._block,
            "unblock": self._unblock,
            "add_person": self._add_person,
            "read": self._read,
        }
        world.bell.listeners.append(self._on_event)

    def routes(self) -> list[web.RouteDef]:
        """What to add to the application."""
        return [web.get("/ws", self.connect)]

    async def stop(self) -> None:
        """Close all pages' connections and listen no more."""
        self._world.bell.listeners.remove(self._on_event)
        for page in list(self._pages):
            await page.close()

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """One page, until it goes."""
        page = web.WebSocketResponse(heartbeat=30)
        await page.prepare(request)
        queue: asyncio.Queue[Json] = asyncio.Queue(_QUEUE)
        queue.put_nowait(state_json(self._world))
        self._pages[page] = queue
        sender = asyncio.create_task(self._send_all(page, queue))
        try:
            async for message in page:
                if message.type is WSMsgType.TEXT:
                    reply = self._act(str(message.data))
                    if reply is not None:
                        queue.put_nowait(reply)
        finally:
            self._pages.pop(page, None)
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        return page

    async def _send_all(self, page: web.WebSocketResponse, queue: asyncio.Queue[Json]) -> None:
        while True:
            await page.send_str(json.dumps(await queue.get(), ensure_ascii=False))

    def _act(self, raw: str) -> Json | None:
        try:
            given = json.loads(raw)
            hand = self._hands[given["type"]]
            return hand(given)
        except KeyError as error:
            return {"type": "error", "text": f"unknown or missing: {error}"}
        except (ApiError, LookupError, TypeError, ValueError) as error:
            return {"type": "error", "text": str(error)}

    def _open(self, given: Json) -> Json:
        person, bot = self._world.person(given["person"]), self._world.bot(given["bot"])
        chat = bot.chats.get(person.id)
        return chat_json(self._world, chat) if chat else empty_chat_json(person, bot)

    def _text(self, given: Json) -> None:
        self._world.send_text(given["person"], given["bot"], given["text"])

    def _press(self, given: Json) -> None:
        self._world.press(given["person"], given["bot"], int(given["message"]), given["data"], force=True)

    def _contact(self, given: Json) -> None:
        self._world.send_contact(given["person"], given["bot"])

    def _start(self, given: Json) -> None:
        self._world.start(given["person"], given["bot"], given.get("payload") or "")

    def _block(self, given: Json) -> None:
        self._world.block(given["person"], given["bot"])

    def _unblock(self, given: Json) -> None:
        self._world.unblock(given["person"], given["bot"])

    def _add_person(self, given: Json) -> None:
        self._world.add_person(
            first_name=given["first_name"],
            phone=_phone(str(given.get("phone") or "")),
            role=given.get("role", "customer"),
            language_code="en" if given.get("language") == "en" else "ru",
        )

    def _read(self, given: Json) -> None:
        chat = self._world.bot(given["bot"]).chats.get(self._world.person(given["person"]).id)
        if chat is not None and chat.unread:
            chat.unread = 0
            self._world.bell.ring(ChatChanged(chat))

    def _tell(self, news: Json) -> None:
        for page, queue in list(self._pages.items()):
            if queue.full():
                # A page that does not read is let go; it asks for everything anew when it comes back.
                self._pages.pop(page)
                continue
            queue.put_nowait(news)

    def _on_event(self, event: Event) -> None:
        news = page_news(self._world, event)
        if news is not None:
            self._tell(news)


def _phone(typed: str) -> str | None:
    """A typed phone as E.164; the Russian trunk prefix 8 becomes +7."""
    digits = "".join(character for character in typed if character in "0123456789")
    if len(digits) == 11 and digits.startswith("8"):
        digits = f"7{digits[1:]}"
    return f"+{digits}" if digits else None
