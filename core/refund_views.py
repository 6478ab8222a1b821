"""What a refund looks like to the till and to the customer."""

from dataclasses import dataclass
from datetime import datetime

from core.refund_making import Plan
from core.reversals import Reversal
from core.store import outbox
from core.store.purchases import PurchaseRow
from core.telling import in_chat


@dataclass(frozen=True, slots=True)
class RefundLine:
    """A line of the purchase: ``left`` of its amount can be refunded, ``part`` of it is by this refund."""

    number: int
    title: str
    amount: int
    left: int
    part: int


@dataclass(frozen=True, slots=True)
class RefundView:
    """A refund before it is made, or once it ``is_done``. Money in minor units, points in hundredths.

    ``refunded`` of the ``subtotal`` before this refund, ``left`` before it. ``amount`` of the receipt is refunded:
    ``money`` goes back, ``returned`` points with it, ``taken_back`` and the ``gift`` are what had been earned,
    ``from_held`` what was to be given after a check;
    ``debt`` and ``balance`` are what comes out of it.
    """

    purchase_id: int
    customer_id: int
    customer_name: str | None
    customer_phone: str | None
    branch_name: str
    time_zone: str
    currency: str
    completed_at: datetime
    subtotal: int
    discount: int
    payable: int
    points: int
    accrual: int
    refunded: int
    left: int
    lines: tuple[RefundLine, ...]
    amount: int
    money: int
    returned: int
    taken_back: int
    gift: int
    debt: int
    balance: int
    is_done: bool
    from_held: int = 0


def view_refund(row: PurchaseRow, plan: Plan, found: Reversal, balance: int, *, is_done: bool) -> RefundView:
    """The view; ``row`` and the plan's lines are the purchase as it was before the refund."""
    if row.completed_at is None:
        raise AssertionError("a refund of a purchase that was never completed")
    step = plan.step
    return RefundView(
        purchase_id=row.id,
        customer_id=row.customer_id,
        customer_name=row.customer_name,
        customer_phone=row.customer_phone,
        branch_name=row.branch_name,
        time_zone=row.time_zone,
        currency=row.currency,
        completed_at=row.completed_at,
        subtotal=row.subtotal,
        discount=row.discount,
        payable=row.payable,
        points=row.points,
        accrual=row.accrual,
        refunded=row.refunded,
        left=row.subtotal - row.refunded,
        lines=_lines(plan),
        amount=step.amount,
        money=step.money,
        returned=step.returned,
        taken_back=step.taken_back,
        gift=found.gift,
        debt=found.account.debt,
        balance=balance,
        is_done=is_done,
        from_held=plan.from_held,
    )


def _lines(plan: Plan) -> tuple[RefundLine, ...]:
    return tuple(
        RefundLine(
            line.sold.number, line.title, line.sold.amount, line.sold.left, plan.taken.get(line.sold.number, 0)
        )
        for line in plan.kept
    )


def refund_notice(row: PurchaseRow, view: RefundView, refund_id: int) -> list[outbox.Draft]:
    """What the customer is told of a refund, when they have the bot."""
    names = ("amount", "money", "returned", "taken_back", "gift", "debt", "balance", "branch_name", "currency")
    return in_chat(
        "refund",
        row.customer_id,
        row.customer_chat,
        row.customer_language,
        template="notice/refunded",
        dedupe_key=f"refund:{refund_id}",
        data={name: getattr(view, name) for name in (*names, "from_held")} | {"subtotal": view.subtotal},
    )
