"""The ledger said once more, as plainly as it can be: what the real verbs are compared with.

A point is worth a rouble: hundredths of points and kopecks are the same numbers. A refused act has changed
nothing, after QuoteStale only the sale's quote.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from core.domain import errors
from core.domain.expiry import Expiry
from core.domain.programme import Programme

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
PRESSED, HELD, QUOTED, UNDONE, GRACE = 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, 15 * MINUTE, 14 * DAY
REFUNDED = 90 * DAY
NEVER = datetime.max.replace(tzinfo=UTC)
STATUSES = ("draft", "waiting", "completed", "dropped", "undone")
ANSWERS = {  # by status: "+" acts, "=" answers as it stands, else the refusal
    "accrue": ("+", "PurchaseClosed", "=", "PurchaseClosed", "PurchaseClosed"),
    "spend": ("+", "=", "=", "PurchaseClosed", "PurchaseClosed"),
    "press": ("HoldGone", "+", "=", "HoldGone", "HoldGone"),
    "code": ("HoldGone", "+", "=", "HoldGone", "HoldGone"),
    "decline": ("HoldGone", "+", "PurchaseClosed", "HoldGone", "HoldGone"),
    "stop": ("=", "+", "=", "=", "="),
    "drop": ("+", "+", "PurchaseClosed", "=", "="),
    "undo": ("PurchaseClosed", "PurchaseClosed", "+", "PurchaseClosed", "="),
}


@dataclass(eq=False)
class Lot:
    left: int
    starts: datetime
    ends: datetime
    gone: int = 0  # expired before a grace


def life(terms: Programme) -> int | None:
    """Days that points live; None for ever."""
    return None if terms.expiry is Expiry.NEVER else terms.expiry_days


def take(points: int, lots: Sequence[Lot]) -> list[tuple[Lot, int]]:
    taken = []
    for lot in sorted(lots, key=lambda each: each.ends):  # a stable sort: the oldest of equals first
        part = min(lot.left, points)
        lot.left, points = lot.left - part, points - part
        taken += [(lot, part)] if part else []
    return taken


@dataclass(eq=False)
class Person:
    inviter: "Person | None"
    lots: list[Lot] = field(default_factory=list)
    debt: int = 0
    gifts: "list[tuple[Person, Lot, int]]" = field(default_factory=list)

    def active(self, now: datetime) -> list[Lot]:
        return [lot for lot in self.lots if lot.starts <= now < lot.ends]

    def earn(self, points: int, starts: datetime, days: int | None) -> Lot:
        self.debt -= (repaid := min(points, self.debt))
        self.lots.append(Lot(points - repaid, starts, starts + days * DAY if days else NEVER))
        return self.lots[-1]

    def lose(self, points: int, own: Lot, now: datetime) -> None:
        own.gone -= (gone := min(points, own.gone))
        points -= gone
        for lots in ([own], [lot for lot in self.lots if lot.ends > now]):
            points -= sum(part for _, part in take(points, lots))
        self.debt += points


@dataclass(eq=False)
class Sale:
    person: Person
    total: int
    terms: Programme
    quoted: datetime
    status: str = "draft"
    limit: int = 0
    points: int = 0
    moved: datetime = NEVER  # asked, or completed
    spent: list[tuple[Lot, int]] = field(default_factory=list)
    earned: list[tuple[Person, Lot, int]] = field(default_factory=list)
    balance: int = 0
    refunded: int = 0
    returned: int = 0
    lost: int = 0

    @property
    def accrual(self) -> int:
        return self.earns(self.total - self.points)

    @property
    def stands(self) -> bool:
        return self.status == "completed" and self.refunded < self.total

    def earns(self, money: int) -> int:
        return money * self.terms.accrual_percent // 10_000 // 100 * 100


@dataclass(eq=False)
class Model:
    now: datetime
    terms: Programme = field(default_factory=Programme)
    sales: list[Sale] = field(default_factory=list)

    def active(self, person: Person) -> int:
        return sum(lot.left for lot in person.active(self.now))

    def free(self, sale: Sale) -> int:
        waiting = [s for s in self.sales if s.person is sale.person and s is not sale and s.status == "waiting"]
        return max(0, self.active(sale.person) - sum(s.points for s in waiting if self.now < s.moved + HELD))

    def quote(self, sale: Sale, terms: Programme) -> None:
        sale.limit = min(self.free(sale), sale.total // 2) // 100 * 100
        sale.terms, sale.quoted, sale.points, sale.status = terms, self.now, 0, "draft"

    def act(self, verb: str, sale: Sale, points: int | None = None) -> tuple[str, int, int, int, int]:
        """Status, points to pay with, the most of them, accrual, balance: as the till sees them."""
        answer = ANSWERS[verb][STATUSES.index(sale.status)]
        if answer not in "+=":
            raise getattr(errors, answer)
        if answer == "+":
            self.change(verb, sale, points)
        balance = sale.balance if sale.status == "completed" else self.free(sale)
        return (sale.status, sale.points, sale.limit, sale.accrual, balance)

    def change(self, verb: str, sale: Sale, points: int | None) -> None:
        if verb in ("accrue", "spend"):
            self.price(sale, 0 if verb == "accrue" else points, spend=verb == "spend")
        if verb in ("press", "code"):
            if self.now >= sale.moved + (PRESSED if verb == "press" else HELD):
                raise errors.HoldGone
            if sale.points > self.active(sale.person):
                self.quote(sale, sale.terms)
                raise errors.QuoteStale
        if verb == "spend" and sale.terms.confirm_redemption:
            sale.status, sale.moved = "waiting", self.now
        elif verb in ("accrue", "spend", "press", "code"):
            self.complete(sale)
        elif verb == "undo":
            self.undo(sale)
        elif verb == "drop":
            sale.status = "dropped"
        else:
            self.quote(sale, sale.terms)

    def price(self, sale: Sale, wanted: int | None, *, spend: bool) -> None:
        terms, quoted, limit, accrual = sale.terms, sale.quoted, sale.limit, sale.accrual
        if self.now - quoted >= QUOTED:
            self.quote(sale, self.terms)
            if (sale.limit, sale.accrual) != (limit, accrual):
                raise errors.QuoteStale
        if spend:
            wanted = limit if wanted is None else wanted
            self.quote(sale, sale.terms)
            if wanted > sale.limit != limit:
                raise errors.QuoteStale
            if not 0 < wanted <= sale.limit or wanted % 100:
                sale.terms, sale.quoted, sale.limit = terms, quoted, limit
                raise errors.PointsNotEnough
            sale.points = wanted

    def complete(self, sale: Sale) -> None:
        who, terms, now = sale.person, sale.terms, self.now
        first = not any(each.person is who and each.stands for each in self.sales)
        sale.spent = take(sale.points, who.active(now))
        if sale.accrual:
            starts = now + timedelta(hours=terms.activation_delay_hours)
            sale.earned = [(who, who.earn(sale.accrual, starts, life(terms)), sale.accrual)]
        friends = [(who, terms.referral_friend_points), (who.inviter, terms.referral_inviter_points)]
        for friend, gift in friends if first and who.inviter else []:
            who.gifts += [(friend, friend.earn(gift, now, life(terms)), gift)] if gift else []
        sale.status, sale.moved, sale.balance = "completed", now, self.active(who)

    def undo(self, sale: Sale) -> None:
        if sale.refunded:
            raise errors.AlreadyRefunded
        if self.now > sale.moved + UNDONE:
            raise errors.UndoTooLate
        sale.status = "undone"
        self.take_back(sale, sale.points, sale.accrual)

    def refund(self, sale: Sale, amount: int | None) -> tuple[int, int]:
        """Points given back and points lost by it."""
        if sale.status != "completed":
            raise errors.PurchaseClosed
        if self.now > sale.moved + REFUNDED:
            raise errors.RefundTooLate
        left = sale.total - sale.refunded
        amount = left if amount is None else amount
        if not 1 <= amount <= left:
            raise errors.RefundAboveRest
        sale.refunded += amount
        payable, share = sale.total - sale.points, (sale.refunded, sale.total)
        back = sale.points * share[0] // share[1] // 100 * 100 if sale.stands else sale.points
        lost = sale.accrual - sale.earns(payable - payable * share[0] // share[1])
        step = (back - sale.returned, lost - sale.lost)
        self.take_back(sale, *step)
        return step

    def take_back(self, sale: Sale, back: int, lost: int) -> None:
        who, now, passed, wanted, touched = sale.person, self.now, sale.returned, back, []
        for lot, drawn in reversed(sale.spent):
            passed -= (skipped := min(drawn, passed))
            wanted -= (part := min(drawn - skipped, wanted))
            if part and lot.ends <= now:
                lot.gone, lot.left, lot.ends = lot.gone + lot.left, 0, now + GRACE
            lot.left += part
            touched += [lot] if part else []
        who.debt -= (repaid := min(who.debt, back))
        take(repaid, [lot for lot, _ in sale.spent if lot in touched])
        sale.returned, sale.lost = sale.returned + back, sale.lost + lost
        for whose, own, _ in sale.earned:
            whose.lose(lost, own, now)
        if not any(each.person is who and each.stands for each in self.sales):
            gifts, who.gifts = who.gifts, []
            for whose, own, gift in gifts if not sale.stands else []:
                whose.lose(gift, own, now)
