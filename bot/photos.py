"""Photos for the staff bot: fetched within the size that is looked at."""

from aiogram import Bot

from bot.telegram import DownloadFailed, FileTooBig, download_file
from handlers.scan import MAX_BYTES, Unreadable, UnreadableImage


async def fetch_photo(bot: Bot, file_id: str) -> bytes:
    """The file's content, at most MAX_BYTES.

    Raises UnreadableImage for what will never be readable, and DownloadFailed while another try may help.
    """
    try:
        return await download_file(bot, file_id, MAX_BYTES)
    except FileTooBig:
        raise UnreadableImage(Unreadable.TOO_HEAVY, megabytes=MAX_BYTES // 1_000_000) from None
    except DownloadFailed as failure:
        if failure.transient:
            raise
        raise UnreadableImage(Unreadable.DAMAGED) from None
