"""A member's own contact: by its phone their own account as a customer is known, which others have to serve."""

from aiogram import F, Router
from aiogram.types import Message

from core.domain.phone import parse_phone
from handlers.staff.desk import Desk


def build() -> Router:
    """The router of contacts."""
    router = Router(name="staff-own-phone")
    router.message.register(shared, F.contact)
    return router


async def shared(message: Message, desk: Desk) -> None:
    """Note the member's own phone; somebody else's contact is no answer to anything here."""
    contact = message.contact
    if contact is None or contact.user_id != desk.actor.telegram_id:
        await desk.say("staff/awaited", what=await desk.state.get_state())
        return
    phone = parse_phone(f"+{contact.phone_number.lstrip('+')}", desk.region)
    await desk.core.team.set_phone(desk.actor, desk.actor.id, phone)
    await desk.say("staff/own_phone", phone=phone)
