"""Asking for reviews: whoever bought a while ago, where it is day, and not too often."""

from datetime import datetime, timedelta

from core.domain.programme import Programme
from core.domain.reminders import may_remind
from core.domain.topics import choice
from core.store import programmes, reviews
from core.store.places import Place, all_places
from core.store.reviews import Asked
from core.store.transactions import run_in_transaction
from core.telling import Telling, tell

AT_ONCE = 200
LOOKS_BACK = timedelta(days=1)
"""How long after its hour a question is still asked: after a night, and after a worker that stood still."""


async def ask_everywhere(now: datetime) -> None:
    """Ask whoever bought so many hours ago, where it is day. Safe to run twice, and beside itself."""
    programme = (await programmes.in_force()).programme
    hours = programme.review_hours
    if hours is None or not choice(programme, "review").on:
        return
    for place in await all_places():
        if not may_remind(now, programme.quiet_from, programme.quiet_to, place.time_zone):
            continue
        after: int | None = 0
        while after is not None:
            after = await _ask_next(place, programme, hours, after, now)


async def _ask_next(place: Place, programme: Programme, hours: int, after: int, now: datetime) -> int | None:
    """Ask the next customers of a place; the purchase to go on after, None when there are no more."""

    async def work() -> int | None:
        await reviews.one_by_one()
        before = now - timedelta(hours=hours)
        found = await reviews.to_ask(
            place.branches,
            since=before - LOOKS_BACK,
            before=before,
            not_asked_since=now - timedelta(days=programme.review_pause_days),
            after=after,
            limit=AT_ONCE,
        )
        told = await tell([_question(each, now) for each in found], programme, now)
        await reviews.insert([each for each in found if each.customer_id in told], now)
        return found[-1].purchase_id if len(found) == AT_ONCE else None

    return await run_in_transaction(work)


def _question(asked: Asked, now: datetime) -> Telling:
    data = {
        "purchase_id": asked.purchase_id,
        "branch_name": asked.branch_name,
        "time_zone": asked.time_zone,
        "subtotal": asked.subtotal,
        "completed_at": asked.completed_at.isoformat(),
    }
    key = f"review:{asked.purchase_id}"
    return Telling(asked.customer_id, "review", "notice/review", data, key, until=now + LOOKS_BACK)
