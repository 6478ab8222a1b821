"""Saying no to messages: by a word, a press, or the link in an SMS. And the terms that were agreed to."""

import re

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from core.actors import CustomerActor
from core.services import Services
from handlers.callbacks import Go
from handlers.customer import keyboards
from handlers.customer.filters import is_customer
from handlers.customer.home import leave_question
from handlers.customer.who import Actor, CustomersOnly
from handlers.ui import Screen, Ui, show

_STOP = re.compile(r"[\W_]*(?:стоп|stop|отписаться|отпишите|отпишись|отписка|unsubscribe)[\W_]*")


def is_stop(text: str | None) -> bool:
    """Whether somebody says no to messages: «СТОП», “stop!”, «отписаться», in any case."""
    return text is not None and _STOP.fullmatch(text.casefold()) is not None


def build() -> Router:
    """The router of the word. A customer's question may be weeks old when an offer arrives, so the word leaves it;
    to whoever is registering it is an answer."""
    router = Router(name="customer-quiet")
    router.message.register(word_said, F.text.func(is_stop), is_customer)
    router.message.register(word_said, StateFilter(None), F.text.func(is_stop))
    return router


def build_presses() -> Router:
    """The router of the buttons among the settings."""
    router = Router(name="customer-quiet-presses")
    router.callback_query.middleware(CustomersOnly())
    router.callback_query.register(pressed, Go.filter(F.to == "quiet"))
    router.callback_query.register(terms, Go.filter(F.to == "my_terms"))
    return router


async def word_said(message: Message, actor: Actor, state: FSMContext, core: Services, ui: Ui) -> None:
    """No reminders and offers from now on; whoever is no customer gets none anyway."""
    if isinstance(actor, CustomerActor):
        await leave_question(message, state, core, ui)
        await core.consents.withdraw(actor, source="word")
        await show(message, Screen(ui.text("customer/quiet"), keyboards.back_to_settings(ui)))
    else:
        await show(message, Screen(ui.text("customer/quiet_nobody")))


async def pressed(event: CallbackQuery, actor: CustomerActor, core: Services, ui: Ui) -> None:
    await core.consents.withdraw(actor)
    await event.answer()
    await show(event, Screen(ui.text("customer/quiet"), keyboards.back_to_settings(ui)))


async def follow(message: Message, token: str, actor: Actor, core: Services, ui: Ui) -> None:
    """The link in an SMS. It works for whoever holds the SMS, with or without a place in the programme."""
    await core.consents.withdraw_by_link(token)
    keys = keyboards.back_to_settings(ui) if isinstance(actor, CustomerActor) else None
    await show(message, Screen(ui.text("customer/quiet_by_link"), keys))


async def terms(event: CallbackQuery, actor: CustomerActor, core: Services, ui: Ui) -> None:
    """The terms as they were when the customer agreed."""
    found = await core.consents.my_terms(actor)
    await event.answer()
    text = ui.text("customer/my_terms", it=found, tz=core.deps.time_zone)
    await show(event, Screen(text, keyboards.back_to_settings(ui)))
