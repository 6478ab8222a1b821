"""Telling customers: by which way and when.

Every message to a customer is made here, in the transaction of what it tells of; to staff, by `to_member`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.programme import Programme
from core.domain.reminders import quiet_until
from core.domain.topics import Topic, choice, topic_of
from core.store import identities, outbox, programmes, tellings
from core.store.claims import Claimed
from core.store.outbox import Draft
from core.store.tellings import Person


@dataclass(frozen=True, slots=True)
class Telling:
    """One thing to tell a customer, wherever they are reached.

    ``topic`` is one of ``core.domain.topics``. ``template`` is Telegram's (``notice/expiry_soon``); an SMS has its
    own with the same last part (``sms/expiry_soon``). It goes not before ``at`` and not after ``until``.
    """

    customer_id: int
    topic: str
    template: str
    data: dict[str, Any]
    dedupe_key: str
    at: datetime | None = None
    until: datetime | None = None
    campaign_id: int | None = None


async def tell(wanted: Sequence[Telling], programme: Programme, now: datetime) -> set[int]:
    """Write what is to be told, in the caller's transaction; the customers who will hear of it.

    By Telegram where the customer has the bot and agreed, else by SMS if the topic may and they agreed; whoever is
    reached by neither is told nothing.
    """
    found = await tellings.people({each.customer_id for each in wanted})
    drafts = [
        draft
        for each in wanted
        if each.customer_id in found
        and (draft := _draft(each, found[each.customer_id], programme, now)) is not None
    ]
    await outbox.enqueue(drafts, now)
    return {draft.customer_id for draft in drafts if draft.customer_id is not None}


def reaches(topic: Topic, person: Person, programme: Programme) -> str | None:
    """The channel that a topic takes to a customer; None when there is no way, or no consent."""
    chosen = choice(programme, topic.name)
    if not chosen.on:
        return None
    if chosen.telegram and person.chat is not None and agrees(topic, person, "telegram"):
        return "telegram"
    return "sms" if chosen.sms and person.phone and agrees(topic, person, "sms") else None


def agrees(topic: Topic, person: Person, channel: str) -> bool:
    """Whether a customer agreed to hear of it that way, if it needs consent."""
    return topic.consent is None or (topic.consent, channel) in person.consents


def _draft(each: Telling, person: Person, programme: Programme, now: datetime) -> Draft | None:
    topic = topic_of(each.topic)
    channel = reaches(topic, person, programme)
    if channel is None:
        return None
    at = each.at or now
    if topic.quiet:
        at = quiet_until(at, programme.quiet_from, programme.quiet_to, person.time_zone) or at
    by_sms = channel == "sms"
    return Draft(
        topic=topic.name,
        channel=channel,
        wanted="telegram" if choice(programme, topic.name).telegram else "sms",
        bot=None if by_sms else "customer",
        chat_id=None if by_sms else person.chat,
        phone=person.phone if by_sms else None,
        customer_id=person.id,
        template=_sms_text(each.template) if by_sms else each.template,
        language=person.language,
        dedupe_key=each.dedupe_key,
        priority=topic.priority,
        data=each.data,
        not_before=at,
        not_after=each.until,
        campaign_id=each.campaign_id,
    )


def _sms_text(template: str) -> str:
    return f"sms/{template.rpartition('/')[2]}"


def in_chat(
    topic: str,
    customer_id: int,
    chat: int | None,
    language: str,
    *,
    template: str,
    dedupe_key: str,
    data: dict[str, Any] | None = None,
    until: datetime | None = None,
    edits_key: str | None = None,
) -> list[Draft]:
    """A message to a customer in the customer bot whose chat is known already: none without a chat."""
    if chat is None:
        return []
    return [
        Draft(
            topic=topic,
            channel="telegram",
            bot="customer",
            chat_id=chat,
            customer_id=customer_id,
            template=template,
            language=language,
            dedupe_key=dedupe_key,
            priority=topic_of(topic).priority,
            data=data or {},
            not_after=until,
            edits_key=edits_key,
        )
    ]


def to_member(
    member_id: int,
    chat: int,
    *,
    template: str,
    dedupe_key: str,
    priority: int,
    data: dict[str, Any] | None = None,
    not_before: datetime | None = None,
    edits_key: str | None = None,
    edits_message_id: int | None = None,
    topic: str = "staff",
) -> Draft:
    """A message to a member of the staff in the staff bot, in the language that is theirs when it is sent."""
    return Draft(
        topic=topic,
        channel="telegram",
        bot="staff",
        chat_id=chat,
        staff_member_id=member_id,
        template=template,
        language="",
        dedupe_key=dedupe_key,
        priority=priority,
        data=data or {},
        not_before=not_before,
        edits_key=edits_key,
        edits_message_id=edits_message_id,
    )


async def fall_back(message: Claimed, now: datetime) -> bool:
    """What Telegram will not take any more, as the person has blocked the bot, goes by SMS where it may.

    Marks the chat. Whether an SMS was queued. In the caller's transaction.
    """
    await identities.mark_blocked(message.bot or "customer", message.chat_id or 0, now)
    if message.bot != "customer" or message.customer_id is None:
        return False
    if message.campaign_id is not None and not await tellings.campaign_has_sms(message.campaign_id):
        return False
    programme = (await programmes.in_force()).programme
    for topic, template, data in _for_sms(message):
        if topic.marketing:
            await tellings.uncount_marketing([message.id])
        again = Telling(
            message.customer_id,
            topic.name,
            template,
            data,
            f"{message.dedupe_key}:sms",
            until=message.not_after,
            campaign_id=message.campaign_id,
        )
        if await tell([again], programme, now):
            return True
    return False


def _for_sms(message: Claimed) -> list[tuple[Topic, str, dict[str, Any]]]:
    """What an SMS may say of a message, with its template and data: of a digest one of its reminders at most."""
    said = [(topic_of(message.topic), message.template, message.data)]
    if message.topic == "digest":
        said = [(topic_of(part["topic"]), f"notice/{part['topic']}", part) for part in message.data["parts"]]
    return [each for each in said if each[0].may_sms]
