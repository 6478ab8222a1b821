"""aiogram and python-telegram-bot behind one face, so that each contract is tried with both."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import aiogram
import telegram
import telegram.error
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError
from aiogram.types import BufferedInputFile
from telegram.request import HTTPXRequest

Json = dict[str, Any]


class Refused(Exception):
    """What a client made of an answer that is not ok: its kind of exception and the words, in lower case."""

    def __init__(self, error: Exception, words: str) -> None:
        super().__init__(words)
        self.error = error
        self.words = words.removeprefix("Bad Request: ").removeprefix("Forbidden: ").lower()


class Client(Protocol):
    """What the contracts need of a client; messages are the Bot API's JSON objects."""

    async def call(self, method: str, **params: Any) -> Any: ...
    async def updates(self, **params: Any) -> list[Json]: ...
    async def download(self, file_id: str) -> bytes: ...
    async def photo(self, chat: int, data: bytes, caption: str = "") -> Json: ...
    async def document(self, chat: int, data: bytes, name: str) -> Json: ...
    async def new_photo(self, chat: int, message: int, data: bytes, caption: str) -> Json: ...


class AiogramClient:
    """aiogram's Bot."""

    def __init__(self, bot: aiogram.Bot) -> None:
        self.bot = bot

    async def call(self, method: str, **params: Any) -> Any:
        made = getattr(aiogram.methods, method[0].upper() + method[1:])(**params)
        try:
            result = await self.bot(made)
        except TelegramAPIError as error:
            raise Refused(error, error.message) from error
        return _plain(result)

    async def updates(self, **params: Any) -> list[Json]:
        return await self.call("getUpdates", **params)

    async def download(self, file_id: str) -> bytes:
        data = await self.bot.download(file_id)
        assert data is not None
        return data.read()

    async def photo(self, chat: int, data: bytes, caption: str = "") -> Json:
        upload = BufferedInputFile(data, "picture.png")
        return await self.call("sendPhoto", chat_id=chat, photo=upload, caption=caption or None)

    async def document(self, chat: int, data: bytes, name: str) -> Json:
        return await self.call("sendDocument", chat_id=chat, document=BufferedInputFile(data, name))

    async def new_photo(self, chat: int, message: int, data: bytes, caption: str) -> Json:
        media = aiogram.types.InputMediaPhoto(
            media=BufferedInputFile(data, "picture.png"), caption=caption, parse_mode="HTML"
        )
        return await self.call("editMessageMedia", chat_id=chat, message_id=message, media=media)


class PtbClient:
    """python-telegram-bot's Bot."""

    def __init__(self, bot: telegram.Bot) -> None:
        self.bot = bot

    async def call(self, method: str, **params: Any) -> Any:
        names = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in method)
        return await self._do(getattr(self.bot, names)(**_objects(params)))

    async def _do(self, work: Any) -> Any:
        try:
            return _plain(await work)
        except telegram.error.TelegramError as error:
            raise Refused(error, error.message) from error

    async def updates(self, **params: Any) -> list[Json]:
        return await self.call("getUpdates", **params)

    async def download(self, file_id: str) -> bytes:
        file = await self.bot.get_file(file_id)
        return bytes(await file.download_as_bytearray())

    async def photo(self, chat: int, data: bytes, caption: str = "") -> Json:
        return await self._do(self.bot.send_photo(chat, data, caption=caption or None))

    async def document(self, chat: int, data: bytes, name: str) -> Json:
        return await self._do(self.bot.send_document(chat, data, filename=name))

    async def new_photo(self, chat: int, message: int, data: bytes, caption: str) -> Json:
        media = telegram.InputMediaPhoto(data, caption=caption, parse_mode="HTML")
        return await self._do(self.bot.edit_message_media(media, chat, message))


def _objects(params: Json) -> Json:
    """python-telegram-bot wants its own objects where aiogram takes dictionaries."""
    made = dict(params)
    if isinstance(markup := made.get("reply_markup"), dict):
        kinds: dict[str, Any] = {
            "keyboard": telegram.ReplyKeyboardMarkup,
            "inline_keyboard": telegram.InlineKeyboardMarkup,
            "remove_keyboard": telegram.ReplyKeyboardRemove,
        }
        kind = next(kinds[name] for name in kinds if name in markup)
        buttons = {"keyboard": telegram.KeyboardButton, "inline_keyboard": telegram.InlineKeyboardButton}
        values = dict(markup)
        for name, button in buttons.items():
            if name in values:
                values[name] = [[button.de_json(item, None) for item in row] for row in values[name]]
        values.pop("remove_keyboard", None)
        made["reply_markup"] = kind(**values)
    return made


def _plain(result: Any) -> Any:
    if isinstance(result, list | tuple):
        return [_plain(item) for item in result]
    if isinstance(result, telegram.TelegramObject):
        return json.loads(result.to_json())
    if isinstance(result, aiogram.types.TelegramObject):
        return json.loads(result.model_dump_json(by_alias=True, exclude_none=True))
    return result


@asynccontextmanager
async def aiogram_client(url: str, token: str) -> AsyncIterator[AiogramClient]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(url), timeout=60)
    try:
        yield AiogramClient(aiogram.Bot(token, session=session))
    finally:
        await _close(session)


async def _close(session: AiohttpSession) -> None:
    if session._session is not None:  # AiohttpSession.close also sleeps, for the sake of TLS
        await session._session.close()


@asynccontextmanager
async def ptb_client(url: str, token: str) -> AsyncIterator[PtbClient]:
    def request() -> HTTPXRequest:
        patience = dict.fromkeys(("read_timeout", "write_timeout", "connect_timeout", "pool_timeout"), 60.0)
        return HTTPXRequest(**patience, httpx_kwargs={"verify": False})

    bot = telegram.Bot(token, f"{url}/bot", f"{url}/file/bot", request=request(), get_updates_request=request())
    async with bot:
        yield PtbClient(bot)


CLIENTS = {"aiogram": aiogram_client, "python-telegram-bot": ptb_client}
