"""One message or press of a staff member, with all that it takes to answer it."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import BaseMiddleware, Bot, F
from aiogram.exceptions import TelegramBadRequest
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, Message, TelegramObject

from core.actors import StaffActor
from core.services import Services
from handlers.errors import Refusal, refuse
from handlers.parse import parse_code
from handlers.ui import Screen, Ui, show

ANSWER = F.text & ~F.text.startswith("/")
"""A filter: something typed that is no command."""

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]
FetchPhoto = Callable[[Bot, str], Awaitable[bytes]]
"""A file of Telegram's by its id, bounded in size. Raises UnreadableImage for one that is too heavy or gone."""


@dataclass(slots=True)
class Desk:
    """What the handlers of the staff bot work with."""

    event: Message | CallbackQuery
    actor: StaffActor
    ui: Ui
    core: Services
    state: FSMContext
    key: str
    fetch_photo: FetchPhoto
    answered: bool = False

    @property
    def now(self) -> datetime:
        return self.core.deps.clock.now()

    @property
    def today(self) -> date:
        """The branch's day."""
        return self.now.astimezone(ZoneInfo(self.actor.time_zone)).date()

    @property
    def region(self) -> str:
        return self.core.deps.region

    @property
    def typed(self) -> str:
        """What the message says."""
        return (self.event.text or "") if isinstance(self.event, Message) else ""

    @property
    def pressed_id(self) -> int | None:
        """The message whose button was pressed."""
        pressed = self.event.message if isinstance(self.event, CallbackQuery) else None
        return pressed.message_id if pressed is not None else None

    async def typed_code(self) -> str:
        """The digits of a code from an SMS that was typed. Raises InputError CODE."""
        return parse_code(self.typed, (await self.core.programmes.current()).code_length)

    async def data(self) -> dict[str, Any]:
        """What the open question keeps."""
        return await self.state.get_data()

    async def answer(self, text: str | None = None, *, alert: bool = False) -> None:
        """Answer the press, once; a message needs none."""
        if isinstance(self.event, CallbackQuery) and not self.answered:
            self.answered = True
            await self.event.answer(text, show_alert=alert)

    async def show(self, screen: Screen) -> Message:
        """Answer the press and show a screen in its message; after a message, as a new one."""
        await self.answer()
        return await show(self.event, screen)

    async def add(self, screen: Screen) -> Message:
        """Show a screen as a new message, also after a press."""
        await self.answer()
        pressed = self.event.message if isinstance(self.event, CallbackQuery) else self.event
        if pressed is None:
            raise ValueError("a press without its message comes from inline mode, which is off")
        return await pressed.answer(screen.text, reply_markup=screen.keyboard)

    async def say(self, template: str, /, **data: Any) -> None:
        """Say a sentence: after a press as an alert, else as a message. What is open stays open."""
        if isinstance(self.event, CallbackQuery):
            await self.answer(self.ui.plain(template, **data), alert=True)
        else:
            await self.event.answer(self.ui.text(template, **data))

    async def refuse(self, error: Refusal) -> None:
        """Say a refusal here and now, where something more is to be shown after it."""
        self.answered = True
        await refuse(self.event, self.ui, error)

    async def open(self, question: State | None, **data: Any) -> None:
        """What the next message answers; None when nothing is asked."""
        await self.state.set_state(question)
        await self.state.set_data(data)

    async def ask(self, question: State, screen: Screen, **data: Any) -> None:
        """Show a question and await its answer."""
        shown = await self.show(screen)
        await self.open(question, **(data | {"message_id": shown.message_id}))

    async def remove(self, message_id: int) -> None:
        """Take away a message that another one stands for now; one too old to be deleted stays."""
        bot, chat = self.event.bot, self.actor.telegram_id
        if bot is None:
            raise ValueError("an update that no bot received")
        try:
            await bot.delete_message(chat, message_id)
        except TelegramBadRequest:
            await bot.edit_message_reply_markup(chat_id=chat, message_id=message_id)

    async def disarm(self, message_id: int) -> None:
        """Take the buttons off a message that asks no longer; one that is gone or bare has none."""
        bot = self.event.bot
        if bot is None:
            raise ValueError("an update that no bot received")
        with suppress(TelegramBadRequest):
            await bot.edit_message_reply_markup(chat_id=self.actor.telegram_id, message_id=message_id)


class Desks(BaseMiddleware):
    """Gives handlers their ``desk``, and answers presses that they have not answered."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, Message | CallbackQuery):
            raise TypeError("the staff bot answers messages and presses")
        desk = Desk(
            event, data["actor"], data["ui"], data["core"], data["state"], data["key"], data["fetch_photo"]
        )
        result = await handler(event, data | {"desk": desk})
        await desk.answer()
        return result


async def is_live(press: CallbackQuery, state: FSMContext) -> bool:
    """A filter: the button stands under the question that is open now."""
    asked = (await state.get_data()).get("message_id")
    return press.message is not None and press.message.message_id == asked
