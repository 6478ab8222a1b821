"""Reviews: stars and words of customers, managers who are told of few stars, and their answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.actors import CustomerActor, StaffActor
from core.deps import Deps
from core.domain.errors import CustomerUnreachable, ReviewAnswered, ReviewClosed, ReviewUnknown, TextTooLong
from core.domain.people import MANAGERS, Right
from core.domain.schedule import Every
from core.review_asking import ask_everywhere
from core.schedule import Periodic, Schedule
from core.store import audit, outbox, programmes, reviews, staff
from core.store.reviews import Average, ReviewRow
from core.store.transactions import run_in_transaction
from core.telling import Telling, tell, to_member

EVERY_S = 300
MOST_STARS = 5
LOW = 3
"""So few stars are told to the managers at once."""
LONGEST = 1000
PAGE = 8
PRIORITY_LOW = 10


@dataclass(frozen=True, slots=True)
class ReviewBoard:
    """Averages by branch over the last ``days``; with several branches ``total`` is that of all of them."""

    days: int
    branches: tuple[Average, ...]
    total: Average


@dataclass(frozen=True, slots=True)
class ReviewList:
    """A page of reviews, the newest first; pages count from 0. ``low``: only those of few stars."""

    rows: tuple[ReviewRow, ...]
    low: bool
    page: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class Reviews:
    """What customers and managers say; whom to ask is core.review_asking's."""

    deps: Deps
    schedule: Schedule

    def __post_init__(self) -> None:
        self.schedule.register(Periodic("reviews", Every(EVERY_S), self.sweep))

    async def sweep(self, now: datetime) -> None:
        """Ask whoever bought so many hours ago, where it is day. Safe to run twice, and beside itself."""
        await ask_everywhere(now)

    # --- the customer ---------------------------------------------------------------------------------
    async def rate(self, actor: CustomerActor, purchase_id: int, stars: int) -> ReviewRow:
        """Give stars, or other ones until words are sent. Few of them are told to the managers at once.

        Raises ReviewUnknown, ReviewClosed.
        """

        async def work() -> ReviewRow:
            row = await _mine(actor, purchase_id)
            if not 1 <= stars <= MOST_STARS:
                raise ReviewUnknown
            if row.stars == stars:
                return row
            if row.closed_at is not None:
                raise ReviewClosed(stars=row.stars)
            now = self.deps.clock.now()
            await reviews.rate(purchase_id, stars, now)
            row = await _mine(actor, purchase_id)
            if stars <= LOW:
                await _alert(row, now)
            return row

        return await run_in_transaction(work)

    async def say(self, actor: CustomerActor, purchase_id: int, words: str) -> ReviewRow:
        """Add words to the stars, once; the same again changes nothing.

        Raises ReviewUnknown, ReviewClosed, TextTooLong.
        """

        async def work() -> ReviewRow:
            row = await _mine(actor, purchase_id)
            if len(words) > LONGEST:
                raise TextTooLong(high=LONGEST)
            if row.stars is None:
                raise ReviewUnknown
            if row.closed_at is not None:
                if row.words == words:
                    return row
                raise ReviewClosed(stars=row.stars)
            now = self.deps.clock.now()
            await reviews.say(purchase_id, words, now)
            row = await _mine(actor, purchase_id)
            if row.stars is not None and row.stars <= LOW:
                await _alert(row, now)
            return row

        return await run_in_transaction(work)

    # --- the office -----------------------------------------------------------------------------------
    async def board(self, actor: StaffActor, days: int) -> ReviewBoard:
        """Averages over the last days: the manager's branch, for the owner all. Raises NotAllowed."""
        actor.require(Right.MANAGE)
        since = self.deps.clock.now() - timedelta(days=days)
        found = await reviews.averages(actor.only_branch, since, LOW)
        sums = [sum(getattr(each, name) for each in found) for name in ("count", "stars", "low")]
        return ReviewBoard(days, tuple(found), Average(0, "", *sums))

    async def listed(self, actor: StaffActor, *, low: bool, page: int = 0) -> ReviewList:
        """A page of reviews of the manager's branch, for the owner of all. Raises NotAllowed."""
        actor.require(Right.MANAGE)
        most = LOW if low else MOST_STARS
        found = await reviews.listed(actor.only_branch, most, page * PAGE, PAGE + 1)
        return ReviewList(tuple(found[:PAGE]), low, page, len(found) > PAGE)

    async def look(self, actor: StaffActor, purchase_id: int) -> ReviewRow:
        """One review. Raises NotAllowed, ReviewUnknown."""
        actor.require(Right.MANAGE)
        return _seen(actor, await reviews.get(purchase_id))

    async def answer(self, actor: StaffActor, purchase_id: int, text: str) -> ReviewRow:
        """Answer a review through the bot, once; the same again changes nothing.

        Raises NotAllowed, ReviewUnknown, ReviewAnswered, TextTooLong, CustomerUnreachable.
        """
        actor.require(Right.MANAGE)
        if len(text) > LONGEST:
            raise TextTooLong(high=LONGEST)

        async def work() -> ReviewRow:
            row = _seen(actor, await reviews.lock(purchase_id))
            if row.answer is not None:
                if row.answer == text:
                    return row
                raise ReviewAnswered(name=row.answered_by)
            now = self.deps.clock.now()
            data = {"text": text, "stars": row.stars, "branch_name": row.branch_name}
            said = Telling(row.customer_id, "reply", "notice/review_answer", data, f"review:{purchase_id}:answer")
            if not await tell([said], (await programmes.in_force()).programme, now):
                raise CustomerUnreachable
            await reviews.answer(purchase_id, text, by=actor.id, now=now)
            await audit.note(
                "review.answered", "purchase", purchase_id, actor_kind="staff", actor_id=actor.id, now=now
            )
            return _seen(actor, await reviews.get(purchase_id))

        return await run_in_transaction(work)


def _seen(actor: StaffActor, row: ReviewRow | None) -> ReviewRow:
    """A review with stars that the member may see."""
    if row is None or row.stars is None or not actor.may_touch(row.branch_id):
        raise ReviewUnknown
    return row


async def _mine(actor: CustomerActor, purchase_id: int) -> ReviewRow:
    row = await reviews.lock(purchase_id)
    if row is None or row.customer_id != actor.id:
        raise ReviewUnknown
    return row


async def _alert(row: ReviewRow, now: datetime) -> None:
    """Tell the branch's managers and the owners of few stars, once, and of the words that follow, once.

    Nobody is told of what they wrote themselves.
    """
    part = "low" if row.words is None else "words"
    drafts = [
        to_member(
            member["id"],
            member["telegram_id"],
            template="notice/review_low",
            dedupe_key=f"review:{row.purchase_id}:{part}:{member['id']}",
            priority=PRIORITY_LOW,
            data={
                "purchase_id": row.purchase_id,
                "stars": row.stars,
                "words": row.words,
                "customer_name": row.customer_name,
                "branch_name": row.branch_name,
                "time_zone": row.time_zone,
                "subtotal": row.subtotal,
                "completed_at": row.completed_at.isoformat(),
            },
        )
        for member in await staff.to_tell(row.branch_id, MANAGERS)
        if row.customer_id not in (member["own_by_account"], member["own_by_phone"])
    ]
    await outbox.enqueue(drafts, now)
