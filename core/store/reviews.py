"""Reviews: whom to ask, what they said, and sums of it. A review is known by its purchase."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.store.sql import fetch, fetch_one, is_postgres, moment, moment_or_none, placeholders


@dataclass(frozen=True, slots=True)
class Asked:
    """A purchase whose customer may be asked about it. Money in minor units."""

    purchase_id: int
    customer_id: int
    branch_id: int
    branch_name: str
    time_zone: str
    subtotal: int
    completed_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A review with its purchase, its customer, and what it was answered."""

    purchase_id: int
    customer_id: int
    customer_name: str | None
    customer_phone: str | None
    branch_id: int
    branch_name: str
    time_zone: str
    subtotal: int
    refunded: int
    completed_at: datetime
    stars: int | None
    rated_at: datetime | None
    words: str | None
    closed_at: datetime | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Average:
    """What a branch's customers gave: how many reviews, how many stars in all, how many with few stars."""

    branch_id: int
    branch_name: str
    count: int
    stars: int
    low: int

    @property
    def average(self) -> int:
        """In hundredths of a star, rounded half up; 0 without reviews."""
        return (self.stars * 200 + self.count) // (2 * self.count) if self.count else 0


_SELECT = (
    "SELECT r.purchase_id, r.customer_id, c.name AS customer_name, c.phone AS customer_phone, r.branch_id, "
    "b.name AS branch_name, b.time_zone, p.subtotal, p.refunded, p.completed_at, r.stars, r.rated_at, r.words, "
    "r.closed_at, r.answer, s.name AS answered_by, r.answered_at FROM review r "
    "JOIN purchase p ON p.id = r.purchase_id JOIN customer c ON c.id = r.customer_id "
    "JOIN branch b ON b.id = r.branch_id LEFT JOIN staff_member s ON s.id = r.answered_by_id "
)


def _row(found: dict[str, Any]) -> ReviewRow:
    moments = ("rated_at", "closed_at", "answered_at")
    at = {name: moment_or_none(found[name]) for name in moments} | {"completed_at": moment(found["completed_at"])}
    return ReviewRow(**(found | at))


# --- asking --------------------------------------------------------------------------------------------
async def one_by_one() -> None:
    """Let those who ask pass one by one, so that nobody is asked by two. SQLite's write lock already does that."""
    if is_postgres():
        await fetch("SELECT pg_advisory_xact_lock(hashtext('kopilka:reviews'))")


async def to_ask(
    branch_ids: Collection[int],
    *,
    since: datetime,
    before: datetime,
    not_asked_since: datetime,
    after: int,
    limit: int,
) -> list[Asked]:
    """Purchases of these branches completed in that time, by id: each customer's newest one that stands untouched.

    Of customers who have the bot, and who were asked about nothing since ``not_asked_since``.
    """
    branches = placeholders(1, len(branch_ids), first=6)
    rows = await fetch(
        "SELECT p.id AS purchase_id, p.customer_id, p.branch_id, b.name AS branch_name, b.time_zone, p.subtotal, "
        "p.completed_at FROM purchase p JOIN branch b ON b.id = p.branch_id "
        "JOIN customer c ON c.id = p.customer_id "
        "JOIN telegram_identity t ON t.customer_id = c.id AND t.bot = 'customer' AND t.blocked_at IS NULL "
        f"WHERE p.branch_id IN {branches} AND p.completed_at > $1 AND p.completed_at <= $2 AND p.id > $4 "
        "AND p.status = 'completed' AND p.refunded = 0 AND c.status = 'active' AND c.blocked_at IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM review r WHERE r.customer_id = c.id AND r.asked_at > $3) "
        "AND NOT EXISTS (SELECT 1 FROM review r WHERE r.purchase_id = p.id) "
        "AND NOT EXISTS (SELECT 1 FROM purchase q WHERE q.customer_id = p.customer_id AND q.status = 'completed' "
        "AND q.refunded = 0 AND q.completed_at <= $2 AND (q.completed_at > p.completed_at "
        "OR (q.completed_at = p.completed_at AND q.id > p.id))) ORDER BY p.id LIMIT $5",
        since,
        before,
        not_asked_since,
        after,
        limit,
        *sorted(branch_ids),
    )
    return [Asked(**(row | {"completed_at": moment(row["completed_at"])})) for row in rows]


async def insert(asked: Sequence[Asked], now: datetime) -> None:
    """Note that they were asked."""
    if not asked:
        return
    values = [v for each in asked for v in (each.purchase_id, each.customer_id, each.branch_id, now)]
    await fetch(
        "INSERT INTO review (purchase_id, customer_id, branch_id, asked_at) "
        f"VALUES {placeholders(len(asked), 4)} ON CONFLICT (purchase_id) DO NOTHING",
        *values,
    )


# --- what is said -------------------------------------------------------------------------------------
async def get(purchase_id: int) -> ReviewRow | None:
    found = await fetch_one(f"{_SELECT} WHERE r.purchase_id = $1", purchase_id)
    return _row(found) if found else None


async def lock(purchase_id: int) -> ReviewRow | None:
    """The review, locked; as it is after whoever had it before."""
    await fetch("SELECT id FROM review WHERE purchase_id = $1 FOR UPDATE", purchase_id)
    return await get(purchase_id)


async def rate(purchase_id: int, stars: int, now: datetime) -> None:
    await fetch("UPDATE review SET stars = $2, rated_at = $3 WHERE purchase_id = $1", purchase_id, stars, now)


async def say(purchase_id: int, words: str, now: datetime) -> None:
    await fetch("UPDATE review SET words = $2, closed_at = $3 WHERE purchase_id = $1", purchase_id, words, now)


async def answer(purchase_id: int, text: str, *, by: int, now: datetime) -> None:
    await fetch(
        "UPDATE review SET answer = $2, answered_by_id = $3, answered_at = $4 WHERE purchase_id = $1",
        purchase_id,
        text,
        by,
        now,
    )


# --- the office ---------------------------------------------------------------------------------------
async def averages(branch_id: int | None, since: datetime, low: int) -> list[Average]:
    """Sums by branch of what was said since then, of one branch or of all; without those of no reviews."""
    rows = await fetch(
        "SELECT r.branch_id, b.name AS branch_name, count(*) AS count, sum(r.stars) AS stars, "
        "sum(CASE WHEN r.stars <= $3 THEN 1 ELSE 0 END) AS low FROM review r JOIN branch b ON b.id = r.branch_id "
        "WHERE r.stars IS NOT NULL AND r.rated_at >= $1 AND ($2 = 0 OR r.branch_id = $2) "
        "GROUP BY r.branch_id, b.name ORDER BY b.name, r.branch_id",
        since,
        branch_id or 0,
        low,
    )
    numbers = ("branch_id", "count", "stars", "low")
    return [Average(branch_name=row["branch_name"], **{name: int(row[name]) for name in numbers}) for row in rows]


async def listed(branch_id: int | None, most_stars: int, offset: int, limit: int) -> list[ReviewRow]:
    """Reviews of at most so many stars, the newest first."""
    rows = await fetch(
        f"{_SELECT} WHERE r.stars <= $1 AND ($2 = 0 OR r.branch_id = $2) "
        "ORDER BY r.rated_at DESC, r.id DESC LIMIT $3 OFFSET $4",
        most_stars,
        branch_id or 0,
        limit,
        offset,
    )
    return [_row(row) for row in rows]
