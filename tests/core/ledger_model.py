"""The ledger said once more, as plainly as it can be: what the real verbs are compared with.

A point is worth a rouble: hundredths of points and kopecks are the same numbers. See till_model for the till.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from core.domain import errors
from core.domain.expiry import Expiry
from core.domain.programme import Programme

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
UNDONE, REFUNDED, GRACE = 15 * MINUTE, 90 * DAY, 14 * DAY
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(eq=False)
class Lot:
    left: int
    starts: datetime
    ends: datetime
    gone: int = 0  # expired before a grace


def life(terms: Programme) -> int | None:  # days, or for ever
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
    accrual = property(lambda self: self.earns(self.total - self.points))
    stands = property(lambda self: self.status == "completed" and self.refunded < self.total)

    def earns(self, money: int) -> int:
        return money * self.terms.accrual_percent // 10_000 // 100 * 100


@dataclass(eq=False)
class Books:
    now: datetime
    terms: Programme = field(default_factory=Programme)
    sales: list[Sale] = field(default_factory=list)

    def active(self, person: Person) -> int:
        return sum(lot.left for lot in person.active(self.now))

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
