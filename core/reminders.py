"""Reminders as periodic work: points that expire, are usable or gone; birthdays, win-back, ending discounts.

A sweep first finds everything that is due, set-based, and then tells each customer once: several reminders of one
customer are one message. It runs only at a time of day at which people may be written to, and looks back a day at
most, so that after days without a worker nobody hears of what is long past.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from core.deps import Deps
from core.domain.account import Account
from core.domain.local_days import day_begins, local_day
from core.domain.lots import EntryKind
from core.domain.programme import Programme
from core.domain.reminders import (
    BIRTHDAY_EVERY,
    birthdays,
    due_days,
    may_remind,
    window_end,
)
from core.domain.schedule import Every
from core.domain.topics import choice, topic_of
from core.reminder_words import Reminder, put_together, reminder_of
from core.schedule import Periodic, Schedule
from core.store import customers, due_reminders, expiry, ledger, places, programmes, tellings
from core.store import reminders as store
from core.store.customers import CustomerRow
from core.store.due_reminders import Due
from core.store.places import Place
from core.store.transactions import run_in_transaction
from core.telling import reaches, tell

EVERY_S = 900
LOOKS_BACK = timedelta(days=1)
"""How long ago something may have happened that customers are told of afterwards."""
AT_ONCE = 200
"""Customers of one transaction: a fraction of a second, during which sales of those who get a gift wait."""
PUT_OFF = timedelta(days=1)
GIFTS = frozenset({"birthday", "win_back"})


@dataclass(frozen=True, slots=True)
class Reminders:
    """Finding who is to be reminded, and telling them."""

    deps: Deps
    schedule: Schedule

    def __post_init__(self) -> None:
        self.schedule.register(Periodic("reminders", Every(EVERY_S), self.sweep))

    async def sweep(self, now: datetime) -> None:
        """Find what is due where it is day, and tell it. Safe to run twice, and beside itself."""
        programme = (await programmes.in_force()).programme
        for place in await places.all_places():
            if may_remind(now, programme.quiet_from, programme.quiet_to, place.time_zone):
                for find in _searches(programme, place, now):
                    await run_in_transaction(partial(_one_by_one, find))
        while await run_in_transaction(partial(self._tell_some, programme, now)):
            continue

    async def _tell_some(self, programme: Programme, now: datetime) -> bool:
        """Tell the next customers, and give what is given with it; whether there were any."""
        await store.one_by_one()
        found = await due_reminders.due(now, AT_ONCE)
        if not found:
            return False
        theirs: dict[int, list[Due]] = defaultdict(list)
        for each in found:
            theirs[each.customer_id].append(each)
        offers = {each.customer_id for each in found if each.kind == "win_back"}
        since = now - timedelta(days=programme.marketing_cap_days)
        waits = await tellings.capped(offers, cap=programme.marketing_cap, since=since)
        waits |= {customer_id for customer_id in offers if len(theirs[customer_id]) > 1}
        # An offer waits for its turn, and is never part of another message.
        later = [each for each in found if each.kind == "win_back" and each.customer_id in waits]
        now_told = [each for each in found if each not in later]
        reminders = await _reminders(now_told, programme, now)
        told = [one for each in theirs for one in put_together(reminders.get(each, []), now)]
        await tell(told, programme, now)
        await due_reminders.put_off([each.id for each in later], now + PUT_OFF)
        await due_reminders.drop([each.id for each in now_told])
        return True


async def pass_over(since: datetime, now: datetime) -> None:
    """After a copy of the moment ``since`` was restored: what came due between counts as told, by the original or
    by nobody. Gifts that came with it are given all the same."""
    found = await places.all_places()
    if not found:
        return  # a copy of a merchant who has not begun
    programme = (await programmes.in_force()).programme
    while await run_in_transaction(partial(expiry.write_off, now, AT_ONCE)):
        continue
    for place in found:
        at = _last_told(since, now, programme, place)
        for find in _searches(programme, place, at) if at is not None else ():
            await run_in_transaction(partial(_one_by_one, find))
    while await run_in_transaction(partial(_pass_some, programme, now)):
        continue


def _last_told(since: datetime, now: datetime, programme: Programme, place: Place) -> datetime | None:
    """The newest moment up to now at which people there may have been reminded; None when there was none."""
    at = now
    while at > max(since, now - LOOKS_BACK):
        if may_remind(at, programme.quiet_from, programme.quiet_to, place.time_zone):
            return at
        at -= timedelta(seconds=EVERY_S)
    return None


async def _pass_some(programme: Programme, now: datetime) -> bool:
    await store.one_by_one()
    found = await due_reminders.due(now, AT_ONCE)
    await _reminders(found, programme, now)
    await due_reminders.drop([each.id for each in found])
    return bool(found)


async def _one_by_one(find: Callable[[], Awaitable[None]]) -> None:
    await store.one_by_one()
    await find()


def _searches(programme: Programme, place: Place, now: datetime) -> list[Callable[[], Awaitable[None]]]:
    """What is looked for in a place, a transaction each. What the merchant has switched off is not looked for."""
    zone = place.time_zone
    today = local_day(now, zone)

    def ago(days: int) -> datetime:
        return day_begins(today - timedelta(days=days), zone)

    found: list[Callable[[], Awaitable[None]]] = []
    if choice(programme, "expiry_soon").on:
        # The widest window first: what it says covers the narrower ones.
        for days in sorted({each.days for each in programme.expiry_soon_days}, reverse=True):
            end = window_end(now, days, zone)
            found.append(partial(store.find_expiring, place, now, days=days, end=end))
    if choice(programme, "activation").on:
        found.append(partial(store.find_activated, place, now, since=now - LOOKS_BACK))
    if choice(programme, "expired").on:
        found.append(partial(store.find_expired, place, now, since=now - LOOKS_BACK))
    if choice(programme, "birthday").on or programme.birthday_points:
        days_due = birthdays(today, programme.birthday_before_days)
        found.append(
            partial(
                store.find_birthdays,
                place,
                now,
                days=days_due,
                points=programme.birthday_points,
                today=ago(0),
                last_by=ago(BIRTHDAY_EVERY.days),
            )
        )
    cancel, before = programme.discount_cancel_days, programme.discount_ends_days
    # A discount that lives no longer than that would be told of as soon as it is given.
    if cancel is not None and before is not None and cancel > before and choice(programme, "discount_ends").on:
        found.append(
            partial(store.find_discounts, place, now, since=ago(cancel - 1), before=ago(cancel - before - 1))
        )
    if choice(programme, "win_back").on:
        found += [partial(store.find_absent, place, now, **each) for each in _steps(programme, ago)]
    return found


def _steps(programme: Programme, ago: Callable[[int], datetime]) -> list[dict[str, Any]]:
    """The win-back steps with the days of last purchase that they are for."""
    return [
        {"step": step.days, "points": step.points, "since": ago(days.stop - 1), "before": ago(days.start - 1)}
        for step, days in due_days(programme.win_back)
        if days
    ]


async def _reminders(found: Sequence[Due], programme: Programme, now: datetime) -> dict[int, list[Reminder]]:
    """What was found as reminders by customer, with the gifts given."""
    gifted = {each.customer_id for each in found if each.kind in GIFTS}
    rows = await customers.lock(*gifted) if gifted else {}
    # Read under the locks: whoever left or was merged before gets nothing.
    people = await tellings.people({each.customer_id for each in found})
    made: dict[int, list[Reminder]] = defaultdict(list)
    for each in found:
        person = people.get(each.customer_id)
        if person is None:
            continue
        way = reaches(topic_of(each.kind), person, programme)
        reminder = reminder_of(each, programme, person, rows.get(each.customer_id), way, now)
        if reminder is not None:
            made[each.customer_id].append(reminder)
    await _give([one for each in made.values() for one in each if one.gift], rows, now)
    return made


async def _give(reminders: Sequence[Reminder], rows: Mapping[int, CustomerRow], now: datetime) -> None:
    """Give the gifts of locked customers, each once."""
    given = await due_reminders.given([each.key for each in reminders])
    accounts: dict[int, Account] = {}
    for each in reminders:
        if each.key in given:
            continue
        account = accounts.setdefault(each.customer_id, Account(each.customer_id, rows[each.customer_id].debt, []))
        account.grant(
            EntryKind.GIFT,
            each.gift,
            key=each.key,
            now=now,
            activates_at=now,
            expires_at=each.gift_until,
            reason=each.topic,
        )
    await ledger.write(list(accounts.values()), ledger.Origin(now))
    for customer_id, account in accounts.items():
        if account.debt != rows[customer_id].debt:
            await customers.update(customer_id, debt=account.debt)
