"""Who invited whom, and what a friend's purchase brings both. Points in hundredths, money in minor units."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.store.sql import fetch, fetch_one, is_postgres, moment, moment_or_none

_STANDS = "q.status = 'completed' AND q.refunded < q.subtotal AND q.subtotal - q.refunded >= "
"""A purchase of which so much is left."""


_UNREWARDED = (
    "NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.purchase_id = q.id "
    "AND e.reason IN ('referral_friend', 'referral_inviter'))"
)
"""A purchase that never brought a reward, also none that was taken back."""


@dataclass(frozen=True, slots=True)
class Reward:
    """What a purchase of a friend brings both sides, by the terms of its day. ``minimum`` counts what was not
    refunded of it."""

    friend_id: int
    purchase_id: int
    branch_id: int
    time_zone: str
    minimum: int
    friend_points: int
    inviter_points: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reward whose wait is over. ``stands``: its purchase still counts; else ``next_id`` is another one of the
    friend's that does, whose own wait ends at ``next_due``."""

    id: int
    reward: Reward
    inviter_id: int | None
    stands: bool
    next_id: int | None
    next_due: datetime | None


async def one_by_one() -> None:
    """Let those who tie friendships pass one by one: a circle of many has no two customers in common.

    SQLite's write lock already does that.
    """
    if is_postgres():
        await fetch("SELECT pg_advisory_xact_lock(hashtext('kopilka:friends'))")


async def is_above(customer_id: int, friend_id: int) -> bool:
    """Whether a customer invited another, or invited whoever invited them, however far up."""
    found = await fetch_one(
        "WITH RECURSIVE up(id) AS (SELECT referred_by_id FROM customer WHERE id = $1 UNION "
        "SELECT c.referred_by_id FROM customer c JOIN up ON c.id = up.id) "
        "SELECT 1 AS one FROM up WHERE id = $2",
        friend_id,
        customer_id,
    )
    return found is not None


async def rewarded(inviter_id: int, since: datetime, until: datetime) -> int:
    """For how many friends an inviter was rewarded then, without what was taken back."""
    found = await fetch_one(
        "SELECT count(*) AS n FROM ledger_entry e WHERE e.customer_id IN "
        "(SELECT id FROM customer WHERE id = $1 OR merged_into_id = $1) AND e.reason = 'referral_inviter' "
        "AND e.created_at >= $2 AND e.created_at < $3 "
        "AND NOT EXISTS (SELECT 1 FROM ledger_entry r WHERE r.request_key = 'undo:' || e.id)",
        inviter_id,
        since,
        until,
    )
    return int(found["n"]) if found else 0


async def note(reward: Reward, *, due_at: datetime, given_at: datetime | None) -> None:
    """Note that a reward was given, or that it waits: one that waits already stays as it is."""
    known = (
        "NOTHING"
        if given_at is None
        else "UPDATE SET purchase_id = excluded.purchase_id, minimum = excluded.minimum, "
        "friend_points = excluded.friend_points, inviter_points = excluded.inviter_points, "
        "due_at = excluded.due_at, given_at = excluded.given_at"
    )
    await fetch(
        "INSERT INTO referral_reward (friend_id, purchase_id, minimum, friend_points, inviter_points, due_at, "
        f"given_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (friend_id) DO {known}",
        reward.friend_id,
        reward.purchase_id,
        reward.minimum,
        reward.friend_points,
        reward.inviter_points,
        due_at,
        given_at,
    )


async def minimum_of(friend_id: int) -> int:
    """The least purchase that a friend's given reward rests on; 0 where any does."""
    found = await fetch_one("SELECT minimum FROM referral_reward WHERE friend_id = $1", friend_id)
    return int(found["minimum"]) if found else 0


async def has_other(friend_id: int, minimum: int, *, without: int) -> bool:
    """Whether another purchase of a friend's, of which ``minimum`` is left, stands."""
    found = await fetch_one(
        f"SELECT 1 AS one FROM purchase q WHERE q.customer_id = $1 AND q.id <> $2 AND {_STANDS} $3 LIMIT 1",
        friend_id,
        without,
        minimum,
    )
    return found is not None


async def forget_given(friend_id: int) -> None:
    """A reward was taken back: the next purchase may bring one again."""
    await fetch("DELETE FROM referral_reward WHERE friend_id = $1 AND given_at IS NOT NULL", friend_id)


async def due(now: datetime, limit: int) -> list[Waiting]:
    """The next rewards whose wait is over, with what has become of their purchases."""
    rows = await fetch(
        "SELECT r.*, c.referred_by_id, p.branch_id, b.time_zone, p.completed_at, "
        f"CASE WHEN {_STANDS.replace('q.', 'p.')} r.minimum THEN 1 ELSE 0 END AS stands, "
        "n.id AS next_id, n.completed_at AS next_at FROM referral_reward r "
        "JOIN customer c ON c.id = r.friend_id JOIN purchase p ON p.id = r.purchase_id "
        "JOIN branch b ON b.id = p.branch_id LEFT JOIN purchase n ON n.id = (SELECT q.id FROM purchase q "
        f"WHERE q.customer_id = r.friend_id AND {_STANDS} r.minimum AND {_UNREWARDED} "
        "ORDER BY q.completed_at, q.id LIMIT 1) "
        "WHERE r.given_at IS NULL AND r.due_at <= $1 ORDER BY r.due_at, r.id LIMIT $2",
        now,
        limit,
    )
    names = ("friend_id", "purchase_id", "branch_id", "time_zone", "minimum", "friend_points", "inviter_points")
    found = []
    for row in rows:
        bought_at, next_at = moment_or_none(row["completed_at"]), moment_or_none(row["next_at"])
        wait = moment(row["due_at"]) - bought_at if bought_at else timedelta()
        found.append(
            Waiting(
                row["id"],
                Reward(**{name: row[name] for name in names}),
                row["referred_by_id"],
                bool(row["stands"]),
                row["next_id"],
                next_at + wait if next_at else None,
            )
        )
    return found


async def move(reward_id: int, purchase_id: int, due_at: datetime) -> None:
    """Let a reward wait for another purchase of the friend's."""
    await fetch(
        "UPDATE referral_reward SET purchase_id = $2, due_at = $3 WHERE id = $1", reward_id, purchase_id, due_at
    )


async def drop(reward_id: int) -> None:
    await fetch("DELETE FROM referral_reward WHERE id = $1", reward_id)


async def mark_given(reward_id: int, now: datetime) -> None:
    await fetch("UPDATE referral_reward SET given_at = $2 WHERE id = $1", reward_id, now)


async def repoint(other_id: int, kept_id: int) -> None:
    """Of two customers who are one, the kept one's reward counts, else the other's. Both are locked."""
    await fetch(
        "UPDATE referral_reward SET friend_id = $2 WHERE friend_id = $1 "
        "AND NOT EXISTS (SELECT 1 FROM referral_reward r WHERE r.friend_id = $2)",
        other_id,
        kept_id,
    )
    await fetch("DELETE FROM referral_reward WHERE friend_id = $1", other_id)


async def figures(inviter_id: int) -> tuple[int, int, int, int]:
    """Friends who came, who bought, whose rewards wait; points earned by inviting (hundredths, net)."""
    found = await fetch_one(
        "SELECT (SELECT count(*) FROM customer WHERE referred_by_id = $1) AS came, "
        "(SELECT count(*) FROM customer WHERE referred_by_id = $1 AND referral_settled_at IS NOT NULL) AS bought, "
        "(SELECT count(*) FROM referral_reward r JOIN customer c ON c.id = r.friend_id "
        "WHERE c.referred_by_id = $1 AND r.given_at IS NULL AND EXISTS (SELECT 1 FROM purchase q "
        f"WHERE q.customer_id = r.friend_id AND {_STANDS} r.minimum)) AS waiting, "
        "(SELECT COALESCE(sum(points), 0) FROM ledger_entry WHERE customer_id IN "
        "(SELECT id FROM customer WHERE id = $1 OR merged_into_id = $1) "
        "AND reason IN ('referral_inviter', 'referral_inviter_undone')) AS earned",
        inviter_id,
    )
    row = found or {"came": 0, "bought": 0, "waiting": 0, "earned": 0}
    waiting = int(row["waiting"])
    return int(row["came"]), int(row["bought"]) + waiting, waiting, int(row["earned"])


async def spoke_for(subject: str, customer_id: int) -> bool:
    """Whether a Telegram account once proved a customer's phone: it is the same person with another phone.

    ``subject`` names the account as its codes do.
    """
    found = await fetch_one(
        "SELECT 1 AS one FROM verification_code v JOIN customer c ON c.phone = v.phone "
        "WHERE v.subject = $1 AND v.used_at IS NOT NULL AND (c.id = $2 OR c.merged_into_id = $2) LIMIT 1",
        subject,
        customer_id,
    )
    return found is not None
