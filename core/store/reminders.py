"""Finding who is to be reminded of what: set-based, each kind in one statement with its marks.

What is found waits in ``reminder_due`` until it is told together with the customer's other reminders; the marks in
``reminder_mark`` outlive every message, so that nothing is found twice.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.store.places import Place
from core.store.sql import fetch, is_postgres


async def one_by_one() -> None:
    """Let sweeps pass one by one, so that nothing is found by two. SQLite's write lock already does that."""
    if is_postgres():
        await fetch("SELECT pg_advisory_xact_lock(hashtext('kopilka:reminders'))")


def _of(place: Place) -> str:
    """Customers who are reminded at all, of a place. Ids are ours and no one's input."""
    branches = ", ".join(str(int(each)) for each in place.branches)
    nowhere = " OR c.branch_id IS NULL" if place.is_first else ""
    return (
        "c.status = 'active' AND c.merged_into_id IS NULL AND c.blocked_at IS NULL "
        f"AND (c.branch_id IN ({branches}){nowhere})"
    )


_DUE = "customer_id, kind, points, first_at, last_at, step, not_before, found_at"
_KEEP = "ON CONFLICT (customer_id, kind) DO NOTHING"
_MARK = (
    "ON CONFLICT (customer_id, kind) DO UPDATE SET until = excluded.until, step = excluded.step, "
    "noted_at = excluded.noted_at"
)


async def _find(topic: str, kind: str, found: str, now: datetime, *values: Any) -> None:
    """Write what a SELECT finds, with its marks. It gives customer_id, points, first_at, last_at, step and until;
    its $1 is the moment, $2 the mark's kind, and more from $3 on."""
    due = (
        f"INSERT INTO reminder_due ({_DUE}) SELECT customer_id, '{topic}', points, first_at, last_at, step, $1, $1"
    )
    marks = (
        "INSERT INTO reminder_mark (customer_id, kind, until, step, noted_at) "
        "SELECT customer_id, $2, until, step, $1"
    )
    given = (now, kind, *values)
    if is_postgres():
        whole = (
            f"WITH found AS MATERIALIZED ({found}), noted AS ({due} FROM found {_KEEP}) "
            f"{marks} FROM found WHERE true {_MARK}"
        )
        await fetch(_typed(whole, given), *given)
        return
    # SQLite has one writer, and nothing changes between the statements.
    await fetch(f"{due} FROM ({found}) WHERE true {_KEEP}", *given)
    await fetch(f"{marks} FROM ({found}) WHERE true {_MARK}", *given)


def _typed(statement: str, values: Sequence[Any]) -> str:
    """A placeholder that is a column of a SELECT has no type of its own in PostgreSQL."""

    def typed(match: re.Match[str]) -> str:
        value = values[int(match[1]) - 1]
        kind = "TIMESTAMPTZ" if isinstance(value, datetime) else "BIGINT" if isinstance(value, int) else "VARCHAR"
        return f"CAST({match[0]} AS {kind})"

    return re.sub(r"\$([0-9]+)", typed, statement)


async def find_expiring(place: Place, now: datetime, *, days: int, end: datetime) -> None:
    """Customers with points that expire by ``end`` of which they were not told at so many days; all their points
    that expire by then count. Points that live no longer than that are no news of their own."""
    entered = (
        f"l.expires_at - INTERVAL '{int(days)} days'"
        if is_postgres()
        else f"datetime(l.expires_at, '-{int(days)} days')"
    )
    await _find(
        "expiry_soon",
        f"expiry_soon:{days}",
        "SELECT l.customer_id, CAST(sum(l.remaining) AS BIGINT) AS points, min(l.expires_at) AS first_at, "
        "max(l.expires_at) AS last_at, 0 AS step, $3 AS until FROM lot l JOIN customer c ON c.id = l.customer_id "
        "LEFT JOIN reminder_mark m ON m.customer_id = l.customer_id AND m.kind = $2 "
        "WHERE l.remaining > 0 AND l.expires_at > $1 AND l.expires_at <= $3 "
        f"AND {_of(place)} GROUP BY l.customer_id "
        f"HAVING max(CASE WHEN l.created_at < {entered} AND (m.until IS NULL OR l.expires_at > m.until) "
        "THEN 1 ELSE 0 END) = 1",
        now,
        end,
    )


async def find_activated(place: Place, now: datetime, *, since: datetime) -> None:
    """Customers whose waiting points became usable since then."""
    await _find(
        "activation",
        "activation",
        "SELECT l.customer_id, CAST(sum(l.remaining) AS BIGINT) AS points, min(l.activates_at) AS first_at, "
        "max(l.activates_at) AS last_at, 0 AS step, $1 AS until FROM lot l "
        "JOIN customer c ON c.id = l.customer_id "
        "LEFT JOIN reminder_mark m ON m.customer_id = l.customer_id AND m.kind = $2 "
        "WHERE l.remaining > 0 AND l.activates_at > $3 AND l.activates_at <= $1 AND l.activates_at > l.created_at "
        "AND (l.expires_at IS NULL OR l.expires_at > $1) AND (m.until IS NULL OR l.activates_at > m.until) "
        f"AND {_of(place)} GROUP BY l.customer_id",
        now,
        since,
    )


async def find_expired(place: Place, now: datetime, *, since: datetime) -> None:
    """Customers whose points were written off as expired since then."""
    await _find(
        "expired",
        "expired",
        "SELECT e.customer_id, CAST(-sum(e.points) AS BIGINT) AS points, min(e.created_at) AS first_at, "
        "max(e.created_at) AS last_at, 0 AS step, $1 AS until FROM ledger_entry e "
        "JOIN customer c ON c.id = e.customer_id "
        "LEFT JOIN reminder_mark m ON m.customer_id = e.customer_id AND m.kind = $2 "
        "WHERE e.kind = 'expiry' AND e.created_at > $3 AND e.created_at <= $1 "
        f"AND (m.until IS NULL OR e.created_at > m.until) AND {_of(place)} GROUP BY e.customer_id",
        now,
        since,
    )


async def find_birthdays(
    place: Place,
    now: datetime,
    *,
    days: Sequence[tuple[int, int]],
    points: int,
    today: datetime,
    last_by: datetime,
) -> None:
    """Customers born on one of the days, (month, day), who were last given something by ``last_by``."""
    of_year = "to_char(c.birthday, 'MM-DD')" if is_postgres() else "substr(c.birthday, 6, 5)"
    wanted = ", ".join(f"'{month:02d}-{day:02d}'" for month, day in days)
    await _find(
        "birthday",
        "birthday",
        "SELECT c.id AS customer_id, CAST($3 AS BIGINT) AS points, $1 AS first_at, $1 AS last_at, 0 AS step, "
        "$4 AS until FROM customer c LEFT JOIN reminder_mark m ON m.customer_id = c.id AND m.kind = $2 "
        f"WHERE {of_year} IN ({wanted}) AND (m.until IS NULL OR m.until <= $5) AND {_of(place)}",
        now,
        points,
        today,
        last_by,
    )


async def find_absent(
    place: Place, now: datetime, *, step: int, points: int, since: datetime, before: datetime
) -> None:
    """Customers whose last purchase was in that time, and who were not told of this step, or of a higher one, in
    this absence."""
    await _find(
        "win_back",
        "win_back",
        "SELECT c.id AS customer_id, CAST($3 AS BIGINT) AS points, c.last_purchase_at AS first_at, "
        "c.last_purchase_at AS last_at, CAST($4 AS INTEGER) AS step, c.last_purchase_at AS until FROM customer c "
        "LEFT JOIN reminder_mark m ON m.customer_id = c.id AND m.kind = $2 "
        "WHERE c.last_purchase_at >= $5 AND c.last_purchase_at < $6 "
        f"AND (m.until IS NULL OR m.until < c.last_purchase_at OR m.step < $4) AND {_of(place)}",
        now,
        points,
        step,
        since,
        before,
    )


async def find_discounts(place: Place, now: datetime, *, since: datetime, before: datetime) -> None:
    """Customers with a discount by rules whose last visit was since then and before then, once an absence."""
    await _find(
        "discount_ends",
        "discount_ends",
        "SELECT c.id AS customer_id, CAST(c.rule_discount AS BIGINT) AS points, c.last_visit_at AS first_at, "
        "c.last_visit_at AS last_at, 0 AS step, c.last_visit_at AS until FROM customer c "
        "LEFT JOIN reminder_mark m ON m.customer_id = c.id AND m.kind = $2 "
        "WHERE c.rule_discount > 0 AND c.last_visit_at >= $3 AND c.last_visit_at < $4 "
        f"AND (m.until IS NULL OR m.until < c.last_visit_at) AND {_of(place)}",
        now,
        since,
        before,
    )
