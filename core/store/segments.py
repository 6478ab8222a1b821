"""Segments in SQL: the one place where conditions become a statement. Words of people are parameters only."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.domain.segments import NOBODYS, Rfm, Segment, Span
from core.store.sql import fetch, is_postgres

CHAT = "LEFT JOIN telegram_identity t ON t.customer_id = c.id AND t.bot = 'customer' AND t.blocked_at IS NULL"
"""Who of the customers (c) can be written to in Telegram: t.telegram_id."""
BY_TELEGRAM = "(t.telegram_id IS NOT NULL AND c.offers_telegram)"
BY_SMS = "(c.phone IS NOT NULL AND c.offers_sms)"
_NOBODY = "(1 = 0)"
PRIME, STEP = 2_147_483_647, 48_271
"""Park and Miller's generator: products of two numbers below the prime fit 63 bits, so both databases agree."""
_FIRST = f"((CAST(c.id AS BIGINT) % {PRIME} * {STEP} + {{salt}}) % {PRIME})"
CONTROL = f"(({_FIRST} * {_FIRST} + {{salt}}) % {PRIME} * {STEP} % {PRIME} % 10000 < {{share}})"
"""Whether the customer ``c`` is kept out: a hash of id and salt, the same whenever it is asked.

``salt`` (0 <= salt < PRIME) and ``share`` (basis points) are numbers.
"""


@dataclass(frozen=True, slots=True)
class Ways:
    """The channels that a campaign may take, each as a condition on a customer ``c`` (with CHAT joined)."""

    telegram: bool
    sms: bool

    @property
    def by_telegram(self) -> str:
        return BY_TELEGRAM if self.telegram else _NOBODY

    @property
    def by_sms(self) -> str:
        return BY_SMS if self.sms else _NOBODY

    @property
    def reached(self) -> str:
        """Whether the customer can be told at all."""
        return f"({self.by_telegram} OR {self.by_sms})"

    @property
    def channel(self) -> str:
        """The channel that reaches the customer, Telegram first; NULL for none."""
        return f"CASE WHEN {self.by_telegram} THEN 'telegram' WHEN {self.by_sms} THEN 'sms' END"


@dataclass(slots=True)
class Where:
    """Conditions with their parameters, which are numbered from ``first`` on."""

    now: datetime
    first: int = 1
    values: list[Any] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def sql(self) -> str:
        return " AND ".join(self.parts)

    def mark(self, value: Any, cast: str = "") -> str:
        """The placeholder of a parameter."""
        self.values.append(value)
        number = f"${self.first + len(self.values) - 1}"
        return f"CAST({number} AS {cast})" if cast else number

    def marks(self, values: Iterable[Any]) -> str:
        return ", ".join(self.mark(value) for value in values)

    def among(self, column: str, names: tuple[str, ...]) -> None:
        """One of the names; the empty one stands for none."""
        named = [name for name in names if name != NOBODYS]
        ways = [f"{column} IN ({self.marks(named)})"] if named else []
        ways += [f"{column} IS NULL"] if NOBODYS in names else []
        self.parts.append(f"({' OR '.join(ways)})")

    def within(self, column: str, spans: Iterable[Span]) -> None:
        """In one of the spans."""
        self._any(spans, lambda span: self._sides(column, span))

    def days_ago(self, column: str, spans: Iterable[Span]) -> None:
        """So many whole days ago; a moment that never was is in no span."""
        self.parts.append(f"{column} IS NOT NULL")
        self._any(spans, lambda span: self._ago(column, span))

    def _any(self, spans: Iterable[Span], said: Callable[[Span], str]) -> None:
        self.parts.append(f"({' OR '.join(f'({said(span)})' for span in spans)})")

    def _sides(self, column: str, span: Span) -> str:
        low = [] if span.low is None else [f"{column} >= {self.mark(span.low, 'BIGINT')}"]
        high = [] if span.high is None else [f"{column} <= {self.mark(span.high, 'BIGINT')}"]
        return " AND ".join(low + high) or "1 = 1"

    def _ago(self, column: str, span: Span) -> str:
        day = timedelta(days=1)
        low = [] if not span.low else [f"{column} <= {self.mark(self.now - day * span.low)}"]
        high = [] if span.high is None else [f"{column} > {self.mark(self.now - day * (span.high + 1))}"]
        return " AND ".join(low + high) or "1 = 1"


def where(segment: Segment, branch_id: int | None, now: datetime, *, first: int = 1) -> Where:
    """The conditions on a customer ``c`` (with CHAT joined): active, of the branch if one is given, and in the
    segment at ``now``."""
    it = Where(now, first)
    it.parts.append("c.status = 'active' AND c.merged_into_id IS NULL")
    if branch_id is not None:
        _of_branches(it, (branch_id,))
    for name in segment.conditions:
        _CONDITIONS[name](it, getattr(segment, name))
    return it


def _in_categories(it: Where, names: tuple[str, ...]) -> None:
    it.parts.append(f"c.id IN (SELECT g.customer_id FROM customer_category g WHERE g.name IN ({it.marks(names)}))")


def _of_branches(it: Where, branches: tuple[int, ...]) -> None:
    """Registered in one of the branches, or bought there."""
    wanted = it.marks(branches)
    it.parts.append(
        f"(c.branch_id IN ({wanted}) OR c.id IN (SELECT p.customer_id FROM purchase p "
        f"WHERE p.branch_id IN ({wanted}) AND p.status = 'completed'))"
    )


def _with_balance(it: Where, span: Span) -> None:
    """Active points: of who has no open lot they are 0."""
    now = it.mark(it.now)
    points = (
        "SELECT l.customer_id FROM lot l WHERE l.remaining > 0 AND l.activates_at <= {now} "
        "AND (l.expires_at IS NULL OR l.expires_at > {now}) GROUP BY l.customer_id HAVING sum(l.remaining) {side}"
    )
    if span.low:
        side = f">= {it.mark(span.low, 'BIGINT')}"
        it.parts.append(f"c.id IN ({points.format(now=now, side=side)})")
    if span.high is not None:
        side = f"> {it.mark(span.high, 'BIGINT')}"
        it.parts.append(f"c.id NOT IN ({points.format(now=now, side=side)})")


def _born_in(it: Where, months: tuple[int, ...]) -> None:
    month = "EXTRACT(MONTH FROM c.birthday)" if is_postgres() else "CAST(substr(c.birthday, 6, 2) AS INTEGER)"
    it.parts.append(f"{month} IN ({', '.join(it.mark(each, 'INTEGER') for each in months)})")


def _with_telegram(it: Where, wanted: bool) -> None:
    it.parts.append(f"t.telegram_id IS {'NOT ' if wanted else ''}NULL")


def _in_cells(it: Where, rfm: Rfm) -> None:
    it.parts.append("c.purchases > 0")
    if rfm.recency:
        it.days_ago("c.last_purchase_at", rfm.days)
    if rfm.frequency:
        it.within("c.purchases", rfm.purchases)
    if rfm.money:
        it.within("c.sold", rfm.sums)


_CONDITIONS: dict[str, Callable[[Where, Any], None]] = {
    "levels": lambda it, names: it.among("c.level", names),
    "classes": lambda it, names: it.among("c.importance", names),
    "categories": _in_categories,
    "branches": _of_branches,
    "bought": lambda it, span: it.days_ago("c.last_purchase_at", [span]),
    "purchases": lambda it, span: it.within("c.purchases", [span]),
    "sold": lambda it, span: it.within("c.sold", [span]),
    "balance": _with_balance,
    "birthday_months": _born_in,
    "telegram": _with_telegram,
    "languages": lambda it, codes: it.among("c.language", codes),
    "rfm": _in_cells,
}


@dataclass(frozen=True, slots=True)
class Reach:
    """How many match, and how many of them can be told of offers by Telegram; of the rest, by SMS.

    ``languages`` are the last two again for each language that somebody of them is spoken to in.
    """

    people: int = 0
    telegram: int = 0
    sms: int = 0
    languages: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def nobody(self) -> int:
        """Who can't be told at all: no bot and no consent to SMS, or no consent to offers."""
        return self.people - self.telegram - self.sms


async def count(segment: Segment, branch_id: int | None, now: datetime, ways: Ways) -> Reach:
    """How many customers are in a segment now, and how many can be told by which way, in one statement."""
    it = where(segment, branch_id, now)
    rows = await fetch(
        f"SELECT c.language, count(*) AS people, sum(CASE WHEN {ways.by_telegram} THEN 1 ELSE 0 END) AS telegram, "
        f"sum(CASE WHEN {ways.by_telegram} THEN 0 WHEN {ways.by_sms} THEN 1 ELSE 0 END) AS sms "
        f"FROM customer c {CHAT} WHERE {it.sql} GROUP BY c.language ORDER BY c.language",
        *it.values,
    )
    people, telegram, sms = (sum(int(row[name]) for row in rows) for name in ("people", "telegram", "sms"))
    return Reach(people, telegram, sms, {row["language"]: (int(row["telegram"]), int(row["sms"])) for row in rows})


async def bought_by_all() -> tuple[int, int]:
    """What the merchant's buyers have bought in all (minor units), and how many they are."""
    rows = await fetch(
        "SELECT COALESCE(sum(sold), 0) AS sold, count(*) AS n FROM customer "
        "WHERE purchases > 0 AND status = 'active'"
    )
    return int(rows[0]["sold"]), int(rows[0]["n"])
