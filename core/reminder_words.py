"""What a reminder says: its template's data, what is given with it, and how several become one message. Pure.

Points in hundredths, percents in basis points; moments in the data are ISO strings in keys that end in ``_at``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from core.domain.local_days import day_begins, local_day
from core.domain.programme import Programme
from core.domain.reminders import FRESH_DAYS, WinBackStep
from core.store.customers import CustomerRow
from core.store.due_reminders import Due
from core.store.tellings import Person
from core.telling import Telling

ORDER = ("birthday", "expiry_soon", "discount_ends", "activation", "expired")
"""What is told first; by SMS nothing else is."""
KEPT = timedelta(days=1)
"""A reminder that could not be sent for so long is not sent at all."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder of a customer. ``way``: the channel it takes, None where there is none.

    ``gift`` (hundredths) is given with it until ``gift_until``, under the ledger's key ``key``.
    """

    customer_id: int
    topic: str
    way: str | None
    key: str
    until: datetime
    gift: int = 0
    gift_until: datetime | None = None
    data: dict[str, Any] = field(default_factory=dict)


def reminder_of(
    due: Due, programme: Programme, person: Person, row: CustomerRow | None, way: str | None, now: datetime
) -> Reminder | None:
    """What was found as a reminder; None when it is true no more. ``row``: the locked customer, for gifts."""
    if due.kind == "win_back":
        return _win_back(due, programme, person, row, way, now)
    if due.kind == "birthday":
        return _birthday(due, programme, person, row, way, now)
    data: dict[str, Any] = {"time_zone": person.time_zone, "merchant": programme.name}
    until = now + KEPT
    if due.kind == "discount_ends":
        if programme.discount_cancel_days is None:
            return None
        until = due.first_at + timedelta(days=programme.discount_cancel_days)
        data |= {"discount": due.points, "ends_at": until.isoformat()}
    else:
        data |= {"points": due.points}
    if due.kind == "expiry_soon":
        data |= {"first_at": due.first_at.isoformat(), "last_at": due.last_at.isoformat()}
        until = due.first_at
    return Reminder(
        due.customer_id, due.kind, way, f"{due.kind}:{due.customer_id}:{due.last_at.isoformat()}", until, data=data
    )


def _birthday(
    due: Due, programme: Programme, person: Person, row: CustomerRow | None, way: str | None, now: datetime
) -> Reminder | None:
    if row is None or row.birthday is None:
        return None
    today = local_day(now, person.time_zone)
    ends = day_begins(today + timedelta(days=programme.birthday_expiry_days + 1), person.time_zone)
    day = (row.birthday.month, row.birthday.day)
    data = {
        "points": due.points,
        "until_at": _last_moment(ends),
        "time_zone": person.time_zone,
        "merchant": programme.name,
        "is_ahead": (today.month, today.day) != day and _is_ahead(day, today, programme.birthday_before_days),
        "name": row.name or "",
    }
    return Reminder(
        due.customer_id,
        "birthday",
        way,
        f"birthday:{due.customer_id}:{today.isoformat()}",
        now + KEPT,
        due.points,
        ends,
        data,
    )


def _last_moment(ends: datetime) -> str:
    """People are told the last day on which points can be spent."""
    return (ends - timedelta(seconds=1)).isoformat()


def _is_ahead(day: tuple[int, int], today: date, before: int) -> bool:
    ahead = (today + timedelta(days=each) for each in range(1, before + 1))
    return day in {(each.month, each.day) for each in ahead} or (day == (2, 29) and before > 0)


def _win_back(
    due: Due, programme: Programme, person: Person, row: CustomerRow | None, way: str | None, now: datetime
) -> Reminder | None:
    """An offer that reaches nobody gives nothing; a purchase since then ends the absence."""
    step = next((each for each in programme.win_back if each.days == due.step), None)
    if step is None or way is None or row is None or row.last_purchase_at != due.first_at:
        return None
    if now - due.found_at > timedelta(days=FRESH_DAYS):
        return None
    return _offer(step, due, programme.name, person, row, way, now)


def _offer(
    step: WinBackStep, due: Due, merchant: str, person: Person, row: CustomerRow, way: str, now: datetime
) -> Reminder:
    today = local_day(now, person.time_zone)
    ends = day_begins(today + timedelta(days=step.life_days + 1), person.time_zone)
    data = {
        "points": step.points,
        "text": step.text,
        "until_at": _last_moment(ends),
        "time_zone": person.time_zone,
        "merchant": merchant,
        "name": row.name or "",
    }
    key = f"win_back:{due.customer_id}:{step.days}:{int(due.first_at.timestamp())}"
    return Reminder(due.customer_id, "win_back", way, key, now + KEPT, step.points, ends, data)


def put_together(reminders: Sequence[Reminder], now: datetime) -> list[Telling]:
    """One message of a customer's reminders at most: all that goes by Telegram, else the first of ``ORDER``."""
    rank: Mapping[str, int] = {topic: place for place, topic in enumerate(ORDER)}
    told = sorted((each for each in reminders if each.way), key=lambda each: rank.get(each.topic, 0))
    by_telegram = [each for each in told if each.way == "telegram"]
    if len(by_telegram) > 1:
        return [_digest(by_telegram, now)]
    return [_alone(each) for each in (by_telegram or told)[:1]]


def _alone(each: Reminder) -> Telling:
    return Telling(each.customer_id, each.topic, f"notice/{each.topic}", each.data, each.key, until=each.until)


def _digest(parts: Sequence[Reminder], now: datetime) -> Telling:
    data = {"parts": [{"topic": each.topic} | each.data for each in parts]}
    customer_id = parts[0].customer_id
    until = min(each.until for each in parts)
    key = f"digest:{customer_id}:{now.isoformat()}"
    return Telling(customer_id, "digest", "notice/digest", data, key, until=until)
