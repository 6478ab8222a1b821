"""Reading the log of who did what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.store.sql import decoded, fetch, moment


@dataclass(frozen=True, slots=True)
class LogRow:
    """A row of the log with the names that belong to it. ``before`` and ``after`` are what was changed."""

    id: int
    at: datetime
    actor_kind: str
    actor: str | None
    action: str
    object_kind: str
    object_id: int | None
    customer_id: int | None
    customer_name: str | None
    customer_phone: str | None
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which rows: of a branch, by a member, of actions that begin so (or with none of these), of a time, about a
    customer or a purchase. What is None or empty does not narrow."""

    branch_id: int | None = None
    staff_id: int | None = None
    prefixes: tuple[str, ...] = ()
    but_prefixes: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    customer_id: int | None = None
    purchase_id: int | None = None


_FROM = (
    "FROM audit_row a LEFT JOIN staff_member s ON a.actor_kind = 'staff' AND s.id = a.actor_id "
    "LEFT JOIN purchase p ON a.object_kind = 'purchase' AND p.id = a.object_id "
    "LEFT JOIN visit v ON a.object_kind = 'visit' AND v.id = a.object_id "
    "LEFT JOIN gift_exchange g ON a.object_kind = 'gift_exchange' AND g.id = a.object_id "
    "LEFT JOIN customer c ON c.id = CASE a.object_kind WHEN 'customer' THEN a.object_id "
    "WHEN 'purchase' THEN p.customer_id WHEN 'visit' THEN v.customer_id "
    "WHEN 'gift_exchange' THEN g.customer_id END "
)


def _where(wanted: LogFilter) -> tuple[str, list[Any]]:
    values: list[Any] = []

    def key(value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    parts = ["1 = 1"]
    if wanted.branch_id is not None:
        branch = key(wanted.branch_id)
        parts.append(f"(s.branch_id = {branch} OR p.branch_id = {branch} OR v.branch_id = {branch})")
    if wanted.staff_id is not None:
        parts.append(f"a.actor_kind = 'staff' AND a.actor_id = {key(wanted.staff_id)}")
    if wanted.prefixes:
        parts.append(f"({' OR '.join(f'a.action LIKE {key(each + chr(37))}' for each in wanted.prefixes)})")
    parts += [f"a.action NOT LIKE {key(each + chr(37))}" for each in wanted.but_prefixes]
    if wanted.since is not None:
        parts.append(f"a.created_at >= {key(wanted.since)}")
    if wanted.until is not None:
        parts.append(f"a.created_at < {key(wanted.until)}")
    if wanted.customer_id is not None:
        parts.append(f"c.id = {key(wanted.customer_id)}")
    if wanted.purchase_id is not None:
        parts.append(f"p.id = {key(wanted.purchase_id)}")
    return " AND ".join(parts), values


async def rows(wanted: LogFilter, offset: int, limit: int, *, only: int | None = None) -> list[LogRow]:
    """The newest first; with ``only`` that row alone, if it is among them."""
    where, values = _where(wanted)
    if only is not None:
        values.append(only)
        where += f" AND a.id = ${len(values)}"
    at = len(values)
    found = await fetch(
        "SELECT a.id, a.created_at, a.actor_kind, s.name AS actor, a.action, a.object_kind, a.object_id, "
        "c.id AS customer_id, c.name AS customer_name, c.phone AS customer_phone, a.before, a.after "
        f"{_FROM} WHERE {where} ORDER BY a.id DESC LIMIT ${at + 1} OFFSET ${at + 2}",
        *values,
        limit,
        offset,
    )
    return [_row(each) for each in found]


def _row(found: dict[str, Any]) -> LogRow:
    told: dict[str, Any] = {
        name: (decoded(found[name]) if found[name] is not None else None) or {} for name in ("before", "after")
    }
    told |= {name: found[name] for name in LogRow.__slots__ if name not in ("before", "after", "at")}
    return LogRow(at=moment(found["created_at"]), **told)
