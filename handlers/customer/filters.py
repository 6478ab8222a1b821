"""What handlers of the customer bot are chosen by."""

from aiogram import F
from aiogram.types import TelegramObject

from core.actors import CustomerActor
from handlers.customer.who import Actor

ANSWER = F.text & ~F.text.startswith("/")
"""A typed answer: a command is never one."""


def is_customer(_: TelegramObject, actor: Actor) -> bool:
    """The account belongs to a customer."""
    return isinstance(actor, CustomerActor)
