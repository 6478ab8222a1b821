"""Files that people send: bounded in size, and with errors that don't hold the address (it has the token)."""

import asyncio
from contextlib import aclosing

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiohttp import ClientError, ClientResponseError


class DownloadFailed(Exception):
    """A file that could not be fetched. `transient` tells whether another try may succeed."""

    def __init__(self, reason: str, *, transient: bool) -> None:
        super().__init__(f"the file could not be fetched: {reason}")
        self.transient = transient


class FileTooBig(DownloadFailed):
    """A file larger than asked for."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"it has more than {max_bytes} bytes", transient=False)


async def download_file(bot: Bot, file_id: str, max_bytes: int, *, timeout_s: int = 20) -> bytes:
    """Fetch a file of at most `max_bytes`; never holds more than that, whatever size was announced.

    Takes at most `timeout_s` seconds for each of two tries, besides asking for the file's address.
    Raises FileTooBig, DownloadFailed, or what a call raises when the address can't be asked for.
    """
    try:
        file = await bot.get_file(file_id)
    except TelegramBadRequest as exc:
        if "too big" in exc.message.lower():
            raise FileTooBig(max_bytes) from None
        raise DownloadFailed("Telegram doesn't give it", transient=False) from None
    if file.file_size is not None and file.file_size > max_bytes:
        raise FileTooBig(max_bytes)
    if not file.file_path:
        raise DownloadFailed("Telegram doesn't give it", transient=False)
    url = bot.session.api.file_url(bot.token, file.file_path)
    got = await _fetch(bot, url, max_bytes, timeout_s)
    if isinstance(got, DownloadFailed) and got.transient:
        got = await _fetch(bot, url, max_bytes, timeout_s)
    if isinstance(got, DownloadFailed):
        raise got
    return got


async def _fetch(bot: Bot, url: str, max_bytes: int, timeout_s: int) -> bytes | DownloadFailed:
    """The content, or why not. Returned and not raised, so that no error carries the one with the address."""
    content = bytearray()
    try:
        async with (
            asyncio.timeout(timeout_s),
            aclosing(bot.session.stream_content(url, timeout=timeout_s)) as s,
        ):
            async for chunk in s:
                content += chunk
                if len(content) > max_bytes:
                    return FileTooBig(max_bytes)
    except ClientResponseError as exc:
        return DownloadFailed(f"status {exc.status}", transient=exc.status >= 500 or exc.status == 429)
    except (ClientError, TimeoutError, OSError) as exc:
        return DownloadFailed(type(exc).__name__, transient=True)
    return bytes(content)
