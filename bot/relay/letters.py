"""Sending a campaign's letters: worded when they are sent, the picture uploaded once."""

import asyncio
from dataclasses import dataclass

import structlog
from aiogram import Bot
from aiogram.types import BufferedInputFile, Message

from core.domain.campaigns import CampaignUnknown
from core.services import Services
from core.store.claims import Claimed
from core.store.transactions import is_waited_for
from handlers.letters import letter_screen, letter_sms, marked_as_test
from handlers.rendering import Renderer
from handlers.staff.office.campaigns.screens import campaign_screen
from handlers.ui import Screen, Ui

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

LETTERS = frozenset({"campaign", "sms/campaign"})
"""Templates of letters: the second is what falls back from a blocked bot."""


@dataclass(frozen=True, slots=True)
class LetterScreen(Screen):
    """A letter with a picture: what it is uploaded from is the campaign's."""

    campaign_id: int = 0


class Letters:
    """Words a campaign's letters, and sends those with a picture."""

    def __init__(self, core: Services, renderer: Renderer) -> None:
        self._core = core
        self._renderer = renderer
        self._upload = asyncio.Lock()

    async def screen(self, ui: Ui, message: Claimed) -> Screen:
        """A letter by Telegram. Raises CampaignUnknown."""
        letter = await self._core.sendings.letter(*self._whose(message), message.language)
        screen = letter_screen(self._renderer, letter)
        if message.customer_id is None:
            screen = marked_as_test(ui, letter, screen)
        if not letter.has_picture:
            return screen
        return LetterScreen(screen.text, screen.keyboard, campaign_id=letter.campaign_id)

    async def sms(self, message: Claimed) -> str:
        """A letter by SMS. Raises CampaignUnknown."""
        return letter_sms(
            self._renderer, await self._core.sendings.letter(*self._whose(message), message.language)
        )

    async def progress(self, ui: Ui, message: Claimed) -> Screen:
        """The message that shows how far a campaign is. Raises CampaignUnknown."""
        view = await self._core.sendings.look_for_notice(message.data["campaign_id"])
        if view is None:
            raise CampaignUnknown
        return campaign_screen(ui, view)

    async def send(self, bot: Bot, chat_id: int, screen: LetterScreen) -> Message:
        """Send a letter with its picture: by its file id, or uploaded while others wait, when there is none."""
        file_id = await self._core.sendings.picture_file(screen.campaign_id)
        if file_id is not None:
            return await self._photo(bot, chat_id, screen, file_id)
        async with self._upload:
            file_id = await self._core.sendings.picture_file(screen.campaign_id)
            if file_id is not None:
                return await self._photo(bot, chat_id, screen, file_id)
            content = await self._core.sendings.picture(screen.campaign_id)
            sent = await self._photo(bot, chat_id, screen, BufferedInputFile(content, "picture.jpg"))
            await self._note(screen.campaign_id, sent)
            return sent

    async def _photo(self, bot: Bot, chat_id: int, screen: Screen, photo: str | BufferedInputFile) -> Message:
        return await bot.send_photo(chat_id, photo, caption=screen.text, reply_markup=screen.keyboard)

    async def _note(self, campaign_id: int, sent: Message) -> None:
        """The letter is sent whatever comes of this: without a note the next one uploads the picture again."""
        if not sent.photo:
            return
        try:
            await self._core.sendings.note_picture_file(campaign_id, sent.photo[-1].file_id)
        except Exception as error:
            if not is_waited_for(error):
                raise
            log.warning("picture_not_noted", campaign=campaign_id, error=type(error).__name__)

    @staticmethod
    def _whose(message: Claimed) -> tuple[int, int]:
        """Campaign and customer; a test's letter names a customer whose data it shows."""
        return message.data["campaign_id"], message.customer_id or message.data["customer_id"]
