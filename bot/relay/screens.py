"""What an outbox message looks like: its template's screen, or one that is made when it is sent."""

from collections.abc import Awaitable, Callable

from bot.relay.letters import Letters
from bot.relay.wording import Wording
from core.services import Services
from core.store.claims import Claimed
from handlers.notices import notice
from handlers.rendering import Renderer
from handlers.staff.gift_screens import exchange_screen
from handlers.staff.screens import sale_screen
from handlers.ui import Screen, Ui

Made = Callable[[Ui, Claimed], Awaitable[Screen]]


class Screens:
    """Screens by template. Areas whose messages are more than a template add theirs: one line."""

    def __init__(self, core: Services, renderer: Renderer) -> None:
        self._core = core
        self._renderer = renderer
        self._wording = Wording(core, renderer)
        self.letters = Letters(core, renderer)
        self._made: dict[str, Made] = {
            "screen/sale": self._sale,
            "screen/gift": self._gift,
            "screen/held": self._held,
            "screen/campaign": self.letters.progress,
            "campaign": self.letters.screen,
        }

    async def screen(self, message: Claimed) -> Screen:
        """The message as it is to be shown, in its reader's language. Raises PurchaseUnknown,
        CampaignUnknown."""
        ui = Ui(self._renderer, await self._language(message))
        made = self._made.get(message.template)
        if made is not None:
            return await made(ui, message)
        shown = notice(ui, message.template, await self._wording.data_of(message, ui.language))
        await self._wording.report()
        return shown

    async def _sale(self, ui: Ui, message: Claimed) -> Screen:
        sale = await self._core.till.look_for_notice(message.data["purchase_id"])
        return sale_screen(ui, sale, why=message.data["why"])

    async def _gift(self, ui: Ui, message: Claimed) -> Screen:
        exchange = await self._core.gifts.look_for_notice(message.data["exchange_id"])
        return exchange_screen(ui, exchange, why=message.data["why"])

    async def _held(self, ui: Ui, message: Claimed) -> Screen:
        """All that waits for this manager when it is sent."""
        count, points = await self._core.held.summary_for(message.chat_id or 0)
        return notice(ui, "notice/held", {"count": count, "points": points})

    async def _language(self, message: Claimed) -> str:
        if message.language or message.chat_id is None:
            return message.language
        member = await self._core.staff.identify(message.chat_id, self._core.deps.language)
        return member.language if member is not None else self._core.deps.language
