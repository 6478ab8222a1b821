"""Telling whoever waits for an SMS what became of it."""

from datetime import datetime

from core.store import outbox
from core.store.claims import Claimed
from core.store.sms_gateways import Asked


async def tell_waiting(message: Claimed | Asked, template: str, reason: str | None, now: datetime) -> None:
    """Tell whoever waits for this SMS that it did not go, or perhaps did not; nothing where nobody waits."""
    if message.notify_bot is None or message.notify_chat_id is None:
        return
    draft = outbox.Draft(
        topic="sms",
        channel="telegram",
        bot=message.notify_bot,
        chat_id=message.notify_chat_id,
        template=template,
        language=message.language if message.notify_bot == "customer" else "",
        dedupe_key=f"{template}:{message.id}:{message.tries}",
        priority=0,
        data={
            "bot": message.notify_bot,
            "purpose": message.template.removeprefix("sms/code_").removeprefix("sms/registration_"),
            "phone": message.phone,
            "reason": reason,
        },
    )
    await outbox.enqueue([draft], now)
