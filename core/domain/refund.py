"""Arithmetic of refunds: whole, by lines or by a sum, any number of times. Pure.

Everything is computed from how much of each line has been refunded in all, never from one refund alone: what
is taken back and given back comes to the same however a refund is split.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.domain.basket import Basket, Terms
from core.domain.errors import RefundAboveRest
from core.domain.money import MAX_MONEY
from core.domain.points import floor_to
from core.domain.programme import Programme
from core.domain.quote import Bases, earned, earning_value, find_bases, stands

_STEPS = MAX_MONEY**2
"""Steps of a whole, so fine that no two lines reach different shares of theirs, each at most MAX_MONEY, in one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be refunded, in minor units of the receipt: a sum, sums by line number, or all that is left."""

    amount: int | None = None
    lines: tuple[tuple[int, int], ...] = ()


WHOLE = Wanted()


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line of a completed purchase, and how much of its amount was refunded before. Minor units."""

    number: int
    amount: int
    points_worth: int
    payable: int
    eligible: bool
    refunded: int = 0

    @property
    def left(self) -> int:
        return self.amount - self.refunded


@dataclass(frozen=True, slots=True)
class Sold:
    """A completed purchase with what priced it. ``points``, ``accrual`` in hundredths, the rest in minor units."""

    programme: Programme
    basket: Basket
    terms: Terms
    lines: tuple[SoldLine, ...]
    points: int
    accrual: int
    payable: int
    paid: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What all refunds of a purchase come to. Money in minor units, points in hundredths.

    ``amount`` of the receipt; ``money`` goes back to the customer, ``returned`` redeemed points with it,
    ``taken_back`` is what had been earned; ``sold`` is what the customer's turnover loses.
    """

    amount: int = 0
    money: int = 0
    returned: int = 0
    taken_back: int = 0
    sold: int = 0

    def since(self, before: "Totals") -> "Totals":
        """What came since; later payments may have made the money go either way, but it never comes back."""
        return Totals(
            self.amount - before.amount,
            max(0, self.money - before.money),
            self.returned - before.returned,
            self.taken_back - before.taken_back,
            self.sold - before.sold,
        )


def parts(lines: Sequence[SoldLine], wanted: Wanted) -> dict[int, int]:
    """How much of each line a refund takes, by line number; lines that it does not touch are left out.

    A sum goes over the lines evenly, by their share refunded in all: in one refund or in ten, it is the same.
    Raises RefundAboveRest for nothing, or for more than what is ``left``.
    """
    left = sum(line.left for line in lines)
    if wanted.lines:
        taken = _by_lines(lines, dict(wanted.lines))
    else:
        amount = left if wanted.amount is None else wanted.amount
        if not 1 <= amount <= left:
            raise RefundAboveRest(left=left)
        taken = _evenly(lines, amount)
    return {number: part for number, part in taken.items() if part}


def _by_lines(lines: Sequence[SoldLine], wanted: Mapping[int, int]) -> dict[int, int]:
    left = {line.number: line.left for line in lines}
    for number, part in wanted.items():
        rest = left.get(number, 0)
        if not 1 <= part <= rest:
            raise RefundAboveRest(left=rest)
    return dict(wanted)


def _evenly(lines: Sequence[SoldLine], amount: int) -> dict[int, int]:
    """Minor unit after minor unit from the line of which the least share was refunded, the first of equals."""
    sought = amount + sum(line.refunded for line in lines)
    low, high = 0, _STEPS
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if sum(_levels(lines, middle)) < sought else (low, middle)
    levels, reached = _levels(lines, low - 1), _levels(lines, low)
    # Of the lines whose next unit stands at the very share that is reached, the first have it.
    growing = [at for at, level in enumerate(levels) if reached[at] > level]
    for at in growing[: sought - sum(levels)]:
        levels[at] += 1
    return {line.number: level - line.refunded for line, level in zip(lines, levels, strict=True)}


def _levels(lines: Sequence[SoldLine], step: int) -> list[int]:
    return [max(line.refunded, line.amount * step // _STEPS) for line in lines]


def with_parts(lines: Sequence[SoldLine], taken: Mapping[int, int]) -> tuple[SoldLine, ...]:
    """The lines after a refund of these parts."""
    return tuple(
        SoldLine(
            line.number,
            line.amount,
            line.points_worth,
            line.payable,
            line.eligible,
            line.refunded + taken.get(line.number, 0),
        )
        for line in lines
    )


def totals(sold: Sold, lines: Sequence[SoldLine]) -> Totals:
    """What the refunds come to that left the lines so; ``lines`` are the purchase's."""
    amount = sum(line.refunded for line in lines)
    payable = sum(_of(line.payable, line) for line in lines)
    by_points = sum(_of(line.points_worth, line) for line in lines)
    whole_worth = sum(line.points_worth for line in lines)
    returned = floor_to(sold.points * by_points // whole_worth, sold.programme.step) if whole_worth else 0
    is_whole = all(not line.left for line in lines)
    return Totals(
        amount=amount,
        money=sold.paid if is_whole else sold.paid * payable // sold.payable if sold.payable else 0,
        returned=sold.points if is_whole else returned,
        taken_back=sold.accrual - _rest_earns(sold, lines, payable),
        sold=payable + by_points,
    )


def _of(value: int, line: SoldLine) -> int:
    """A part of a line's value, as large as the share that was refunded, rounded down."""
    return value * line.refunded // line.amount if line.amount else 0


def _rest_earns(sold: Sold, lines: Sequence[SoldLine], refunded_payable: int) -> int:
    """What the purchase would have earned had it been its rest: never more than what it earned.

    Extra points stay in proportion to what still earns of the lines that they were given for. Like a factor they
    go altogether once the rest is less than the receipt that they were promised for.
    """
    rest, whole = _bases(sold, lines, refunded=True), _bases(sold, lines, refunded=False)
    if not rest.whole or sold.payable - refunded_payable < sold.programme.min_purchase:
        return 0
    left = sum(line.left for line in lines)
    extra = 0
    if whole.of_extra and stands(sold.terms.extra_by, left):
        extra = floor_to(sold.terms.extra_points * rest.of_extra // whole.of_extra, sold.programme.step)
    return min(sold.accrual, earned(sold.programme, sold.terms, rest, left) + extra)


def _bases(sold: Sold, lines: Sequence[SoldLine], *, refunded: bool) -> Bases:
    """What earns in a purchase, or in its rest after what was ``refunded``."""
    values = []
    for line in lines:
        value = earning_value(sold.programme, line.payable, line.points_worth, line.eligible)
        values.append(value - (_of(value, line) if refunded else 0))
    return find_bases(sold.programme, sold.basket, sold.terms, values, sold.payable, sold.paid)
