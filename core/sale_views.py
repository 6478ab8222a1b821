"""What a sale looks like to the till and the customer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.domain.asking import asks_how_paid, how_paid, how_paid_is_missing
from core.domain.basket import Line, shares
from core.domain.points import worth
from core.domain.programme import ReceiptNumber
from core.domain.quote import Quote
from core.store.purchases import PurchaseRow


@dataclass(frozen=True, slots=True)
class SaleView:
    """A sale as it stands. Money in minor units, points in hundredths, moments in UTC.

    ``status``: draft, waiting, completed, cancelled. ``channel`` says how a waiting one is confirmed:
    ``telegram`` (the customer was asked) or ``sms`` (a code has to be entered). ``gift`` came with a completed
    one, or went with an undone one; ``repaid`` of what came went into an older debt; ``debt`` is what is owed now.
    ``paid`` may be less than ``payable``, where the programme takes purchases ``in_parts``.
    ``held`` points wait for a manager, or were refused.
    ``refunded`` of the subtotal; with the discount source ``nth_gift`` it is the ``nth_purchase``-th, a gift.
    ``discount_by``, ``factor_by`` and ``extra_by`` name the promotion or coupon that stands; ``has_coupon``: one
    was entered; ``takes_coupons``: the merchant has some.
    ``lines`` are there once products were chosen of those that the merchant ``has_products``. Where the programme
    ``asks_how_paid``, ``sale_type`` and payment ``method`` are what was chosen; ``split`` says how much is paid in
    which way when it is more than one; ``parts_dropped``: what was typed of that was more than the new price.
    """

    purchase_id: int
    status: str
    customer_id: int
    customer_name: str | None
    customer_phone: str | None
    has_chat: bool
    branch_name: str
    time_zone: str
    currency: str
    step: int
    point_worth: int
    subtotal: int
    discount: int
    discount_source: str | None
    level: str | None
    points: int
    points_worth: int
    points_limit: int
    limit_worth: int
    payable: int
    paid: int
    in_parts: bool
    refunded: int
    nth_purchase: int | None
    accrual: int
    no_accrual: str | None
    min_purchase: int
    balance: int
    gift: int
    repaid: int
    debt: int
    activates_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    undo_until: datetime | None
    confirm_until: datetime | None
    channel: str | None
    receipt_number: str | None = None
    asks_receipt: str = ReceiptNumber.OFF.value
    held: int = 0
    held_refused: bool = False
    discount_by: str | None = None
    factor: int = 100
    factor_by: str | None = None
    extra_points: int = 0
    extra_by: str | None = None
    has_coupon: bool = False
    takes_coupons: bool = False
    lines: tuple[Line, ...] = ()
    has_products: bool = False
    asks_how_paid: bool = False
    sale_type: str | None = None
    method: str | None = None
    split: tuple[tuple[str, int], ...] = ()
    parts_dropped: bool = False
    how_paid_is_missing: bool = False


def view_of(
    sale: PurchaseRow, priced: Quote | PurchaseRow, *, status: str, balance: int, **changes: Any
) -> SaleView:
    """The sale as seen after a verb; ``priced`` holds the figures that are true now."""
    completed_at = changes.get("completed_at", sale.completed_at)
    values: dict[str, Any] = {
        "purchase_id": sale.id,
        "status": status,
        "balance": balance,
        "channel": ("telegram" if asks_in_chat(sale) else "sms") if status == "waiting" else None,
        **_about(sale),
        **_figures(sale, priced),
        **_course(sale, completed_at),
        **_offers(sale, priced),
        **_basket(sale, priced.paid),
    }
    return SaleView(**(values | changes))


def view_completed(sale: PurchaseRow) -> SaleView:
    """A sale that was completed before."""
    return view_of(sale, sale, status="completed", balance=sale.balance_after or 0)


def _about(sale: PurchaseRow) -> dict[str, Any]:
    """Who buys, where, and by which settings."""
    programme = sale.programme
    return {
        "customer_id": sale.customer_id,
        "customer_name": sale.customer_name,
        "customer_phone": sale.customer_phone,
        "has_chat": sale.customer_chat is not None,
        "branch_name": sale.branch_name,
        "time_zone": sale.time_zone,
        "currency": sale.currency,
        "step": programme.step,
        "point_worth": programme.point_worth,
        "level": sale.terms.level,
        "in_parts": programme.part_payments_on,
        "nth_purchase": programme.nth_purchase,
        "min_purchase": programme.min_purchase,
        "asks_receipt": programme.receipt_number.value,
    }


def _figures(sale: PurchaseRow, priced: Quote | PurchaseRow) -> dict[str, Any]:
    """What it comes to."""
    return {
        "subtotal": priced.subtotal,
        "discount": priced.discount,
        "discount_source": priced.discount_source,
        "points": priced.points,
        "points_worth": priced.points_worth,
        "points_limit": priced.points_limit,
        "limit_worth": worth(priced.points_limit, sale.programme.point_worth),
        "payable": priced.payable,
        "paid": priced.paid,
        "accrual": priced.accrual,
        "no_accrual": priced.no_accrual,
    }


def _course(sale: PurchaseRow, completed_at: datetime | None) -> dict[str, Any]:
    """What became of it, and until when it can be confirmed or undone."""
    programme = sale.programme
    delay = timedelta(hours=programme.activation_delay_hours)
    return {
        "refunded": sale.refunded,
        "gift": sale.gift,
        "repaid": sale.repaid,
        "debt": sale.customer_debt,
        "activates_at": completed_at + delay if completed_at and delay else None,
        "completed_at": completed_at,
        "cancelled_at": sale.cancelled_at,
        "undo_until": completed_at + timedelta(minutes=programme.undo_minutes) if completed_at else None,
        "confirm_until": sale.hold_confirm_until,
        "receipt_number": sale.receipt_number,
        "held": sale.waits,
        "held_refused": sale.held_status == "refused" and not sale.refunded,
    }


def _offers(sale: PurchaseRow, priced: Quote | PurchaseRow) -> dict[str, Any]:
    """What is named of promotions and coupons: only what really gives something."""
    terms = sale.terms
    cuts = [one.by.name for one in terms.discounts if one.by and one.source == priced.discount_source]
    earns = bool(priced.accrual)
    return {
        "discount_by": cuts[0] if cuts else None,
        "factor": terms.factor if earns else 100,
        "factor_by": terms.factor_by.name if terms.factor_by and earns else None,
        "extra_points": terms.extra_points if earns else 0,
        "extra_by": terms.extra_by.name if terms.extra_by and earns else None,
        "has_coupon": terms.coupon_id is not None,
        "takes_coupons": sale.has_coupons,
    }


def _basket(sale: PurchaseRow, paid: int) -> dict[str, Any]:
    """What is named of the basket: products, and how it is sold and paid where that matters."""
    basket = sale.basket
    sale_type, method = how_paid(basket)
    is_split = len({each.method for each in basket.payments}) > 1
    return {
        "lines": basket.lines if any(line.product_id for line in basket.lines) else (),
        "has_products": sale.has_products,
        "asks_how_paid": asks_how_paid(sale.programme),
        "sale_type": sale_type,
        "method": method,
        "split": tuple(shares(basket.payments, paid)) if is_split else (),
        "parts_dropped": basket.parts_dropped,
        "how_paid_is_missing": how_paid_is_missing(sale.programme, basket),
    }


def asks_in_chat(sale: PurchaseRow) -> bool:
    """Whether the customer confirms by a button: they have the bot, and their phone was verified."""
    return sale.customer_chat is not None and sale.customer_phone_verified_at is not None
