"""The door of the office: cashiers and operators are refused before any of its handlers runs."""

from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject

from core.actors import StaffActor
from core.domain.people import Right
from handlers.staff.desk import Handler


class ManagersOnly(BaseMiddleware):
    """Raises NotAllowed for everybody below a manager. The core checks each verb's own role and branch anew."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        actor: StaffActor = data["actor"]
        actor.require(Right.MANAGE)
        return await handler(event, data)


class OwnersOnly(BaseMiddleware):
    """Raises NotAllowed for everybody but the owner, before an area's question is asked."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        actor: StaffActor = data["actor"]
        actor.require(Right.OWN)
        return await handler(event, data)
