"""Who is speaking: a customer, or a visitor who is none yet."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.types import Message, TelegramObject

from core.actors import CustomerActor, Visitor
from core.domain.errors import NotRegistered
from handlers.customer.home import leave_question

Actor = CustomerActor | Visitor
Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class CustomersOnly(BaseMiddleware):
    """Lets only customers through, raises NotRegistered for others.

    A menu word or a command leaves whatever question is open, and says so; a press leaves it as it is.
    A visitor who is registering has nothing to leave it for, and is told by a later handler what is awaited.
    """

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        in_question = isinstance(event, Message) and data.get("raw_state") is not None
        if not isinstance(data["actor"], CustomerActor):
            raise SkipHandler if in_question else NotRegistered
        if isinstance(event, Message) and in_question:
            await leave_question(event, data["state"], data["core"], data["ui"])
        return await handler(event, data)


def visitor_of(actor: Actor) -> Visitor:
    """The account behind the actor, whether or not it has become a customer meanwhile."""
    return Visitor(actor.telegram_id, actor.language)
