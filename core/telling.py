"""Telling customers: by which way and when, and what is asked anew before it is sent (domain rules §7).

Every message to a customer is made here, in the transaction of what it tells of.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.domain.programme import Programme
from core.domain.reminders import quiet_until
from core.domain.topics import Topic, choice, topic_of
from core.store import identities, outbox, programmes, tellings
from core.store.claims import Claimed
from core.store.outbox import Draft
from core.store.tellings import Person

PAUSED_FOR = timedelta(minutes=1)
"""How long a paused campaign's message is put back; resuming it makes it due at once."""


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
    if chosen.telegram and person.chat is not None and _agrees(topic, person, "telegram"):
        return "telegram"
    return "sms" if chosen.sms and person.phone and _agrees(topic, person, "sms") else None


def _agrees(topic: Topic, person: Person, channel: str) -> bool:
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


async def fall_back(message: Claimed, now: datetime) -> bool:
    """What Telegram will not take any more, as the person has blocked the bot, goes by SMS where it may.

    Marks the chat. Whether an SMS was queued. In the caller's transaction.
    """
    await identities.mark_blocked(message.bot or "customer", message.chat_id or 0, now)
    topic, template, data = topic_of(message.topic), message.template, message.data
    if topic.name == "digest":  # an SMS says the first of its reminders
        topic, data = topic_of(data["parts"][0]["topic"]), data["parts"][0]
        template = f"notice/{topic.name}"
    if message.bot != "customer" or message.customer_id is None or not topic.may_sms:
        return False
    if message.campaign_id is not None and not await tellings.campaign_has_sms(message.campaign_id):
        return False
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
    return bool(await tell([again], (await programmes.in_force()).programme, now))


@dataclass(slots=True)
class Gate:
    """What must not be sent now: reasons by message id for good, moments for later."""

    refused: dict[int, str] = field(default_factory=dict)
    later: dict[int, datetime] = field(default_factory=dict)


async def gate(messages: Sequence[Claimed], now: datetime) -> Gate:
    """Ask anew what may have changed since messages to customers were written, in a transaction of the caller's:
    time, consent, the merchant's switches, quiet hours, campaigns, the cap of marketing."""
    found = Gate({each.id: "late" for each in messages if each.not_after is not None and each.not_after <= now})
    asked = [each for each in messages if each.id not in found.refused and _is_asked_for(each)]
    if not asked:
        return found
    programme = (await programmes.in_force()).programme
    people = await tellings.people({each.customer_id for each in asked if each.customer_id is not None})
    states = await tellings.campaigns({each.campaign_id for each in asked if each.campaign_id is not None})
    for each in asked:
        person = people.get(each.customer_id or 0)
        reason = "gone" if person is None else _refusal(each, person, programme, states)
        if reason is not None:
            found.refused[each.id] = reason
        elif states.get(each.campaign_id or 0) == "paused":
            found.later[each.id] = now + PAUSED_FOR
        elif person is not None and topic_of(each.topic).quiet:
            until = quiet_until(now, programme.quiet_from, programme.quiet_to, person.time_zone)
            found.later |= {} if until is None else {each.id: until}
    await _cap(asked, programme, now, found)
    return found


def _is_asked_for(message: Claimed) -> bool:
    topic = topic_of(message.topic)
    return message.customer_id is not None and (topic.consent is not None or topic.quiet)


def _refusal(message: Claimed, person: Person, programme: Programme, campaigns: dict[int, str]) -> str | None:
    topic, chosen = topic_of(message.topic), choice(programme, message.topic)
    if not chosen.on or not (chosen.telegram if message.channel == "telegram" else chosen.sms):
        return "off"
    if not _agrees(topic, person, message.channel):
        return "consent"
    return "stopped" if campaigns.get(message.campaign_id or 0) == "stopped" else None


async def _cap(asked: Sequence[Claimed], programme: Programme, now: datetime, found: Gate) -> None:
    wanted = {
        each.id: each.customer_id
        for each in asked
        if each.customer_id is not None
        and topic_of(each.topic).marketing
        and each.id not in found.refused
        and each.id not in found.later
    }
    since = now - timedelta(days=programme.marketing_cap_days)
    allowed = await tellings.count_marketing(wanted, cap=programme.marketing_cap, since=since, now=now)
    found.refused |= {message_id: "cap" for message_id, may in allowed.items() if not may}
