"""What must not be sent now although it was to be: what may have changed is asked anew."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.domain.programme import Programme
from core.domain.reminders import quiet_until
from core.domain.topics import choice, topic_of
from core.store import programmes, tellings
from core.store.claims import Claimed
from core.store.tellings import Person
from core.telling import agrees

PAUSED_FOR = timedelta(minutes=1)
"""How long a paused campaign's message is put back; resuming it makes it due at once."""


@dataclass(slots=True)
class Gate:
    """What must not be sent now: reasons by message id for good, moments for later; and whose account is another
    one by now, as it goes there."""

    refused: dict[int, str] = field(default_factory=dict)
    later: dict[int, datetime] = field(default_factory=dict)
    moved: dict[int, Claimed] = field(default_factory=dict)


async def gate(messages: Sequence[Claimed], now: datetime) -> Gate:
    """Ask anew what may have changed since messages to customers were written, in a transaction of the caller's:
    time, account and phone, consent, the merchant's switches, quiet hours, campaigns, the cap of marketing."""
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
        elif person is not None:
            if topic_of(each.topic).quiet:
                until = quiet_until(now, programme.quiet_from, programme.quiet_to, person.time_zone)
                found.later |= {} if until is None else {each.id: until}
            is_new = each.channel == "telegram" and each.edits_key is None and each.edits_message_id is None
            if is_new and person.chat not in (None, each.chat_id):
                found.moved[each.id] = replace(each, chat_id=person.chat)
    await _cap(asked, programme, now, found)
    return found


def _is_asked_for(message: Claimed) -> bool:
    topic = topic_of(message.topic)
    return message.customer_id is not None and (topic.consent is not None or topic.quiet)


def _refusal(message: Claimed, person: Person, programme: Programme, campaigns: dict[int, str]) -> str | None:
    if message.channel == "sms" and message.phone != person.phone:  # it may be somebody else's by now
        return "gone"
    topic, chosen = topic_of(message.topic), choice(programme, message.topic)
    if not chosen.on or not (chosen.telegram if message.channel == "telegram" else chosen.sms):
        return "off"
    if not agrees(topic, person, message.channel):
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
