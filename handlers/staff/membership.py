"""A member stops the bot, or lets it in again."""

from aiogram import F, Router
from aiogram.enums import ChatMemberStatus
from aiogram.types import ChatMemberUpdated

from core.services import Services


def build() -> Router:
    """The router of changes in a private chat; of groups nothing is kept."""
    router = Router(name="staff-membership")
    router.my_chat_member.register(changed, F.chat.type == "private")
    return router


async def changed(event: ChatMemberUpdated, core: Services) -> None:
    """Nothing is sent to a till that blocked the bot, until it lets it in again."""
    blocked = event.new_chat_member.status == ChatMemberStatus.KICKED
    await core.identification.note_block("staff", event.from_user.id, blocked=blocked)
