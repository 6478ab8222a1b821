"""Files for the staff bot that are read as tables: fetched within the size that is looked at."""

from aiogram import Bot

from bot.telegram import DownloadFailed, FileTooBig, download_file
from core.domain.errors import FileRefused
from core.sheets import MAX_BYTES

TIMEOUT_S = 60


async def fetch_document(bot: Bot, file_id: str) -> bytes:
    """The file's content, at most MAX_BYTES.

    Raises FileRefused for what will never be readable, and DownloadFailed while another try may help.
    """
    try:
        return await download_file(bot, file_id, MAX_BYTES, timeout_s=TIMEOUT_S)
    except FileTooBig:
        raise FileRefused(reason="too_heavy", megabytes=MAX_BYTES // 1_000_000) from None
    except DownloadFailed as failure:
        if failure.transient:
            raise
        raise FileRefused(reason="gone") from None
