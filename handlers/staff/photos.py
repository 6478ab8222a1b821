"""Codes in the photos that staff members send."""

from aiogram import F
from aiogram.types import Message

from core.domain.cards import parse_card
from core.domain.errors import InvalidCard
from handlers.scan import read_codes
from handlers.staff.desk import Desk

PHOTO = F.photo | F.document.mime_type.startswith("image/")
"""A picture, also one sent as a file."""


async def codes_in(desk: Desk, message: Message) -> list[str]:
    """The texts of all codes in the picture. Raises UnreadableImage."""
    picture = message.photo[-1] if message.photo else message.document
    if picture is None or message.bot is None:
        raise TypeError("the filter lets pictures through only")
    return await read_codes(await desk.fetch_photo(message.bot, picture.file_id))


async def card_in(desk: Desk, message: Message) -> str | None:
    """The first code that can be a card's number."""
    for code in await codes_in(desk, message):
        try:
            return parse_card(code)
        except InvalidCard:
            continue
    return None
