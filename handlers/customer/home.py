"""A customer's home: the menu, and the way back to it out of a question."""

from typing import Any

from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from core.services import Services
from handlers.customer import keyboards
from handlers.customer.asking import leave
from handlers.ui import Screen, Ui, show


async def leave_question(message: Message, state: FSMContext, core: Services, ui: Ui) -> None:
    """Close a customer's open question for something else, and say what has become of it."""
    question = await leave(message.bot, message.chat.id, state)
    if question is not None:
        await menu(message, core, ui, "customer/left", what=question)


async def menu(message: Message, core: Services, ui: Ui, template: str, /, **data: Any) -> None:
    """Say something with the menu under it."""
    programme = await core.programmes.current()
    await show(
        message,
        Screen(ui.text(template, merchant=programme.name, **data), keyboards.menu(ui, programme.referral_on)),
    )
