"""What nothing else answers: messages of other kinds, unknown commands, buttons of another time."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from handlers.staff.desk import Desk


def build() -> Router:
    """The last router."""
    router = Router(name="staff-fallback")
    router.message.register(unexpected)
    router.callback_query.register(stale)
    return router


async def unexpected(message: Message, desk: Desk) -> None:
    """Say what is awaited."""
    await desk.say("staff/awaited", what=await desk.state.get_state())


async def stale(press: CallbackQuery, desk: Desk) -> None:
    """Say that the button's time is over, and how to go on."""
    await desk.say("staff/stale")
