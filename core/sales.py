"""What a sale looks like to the till and the customer, and how it is loaded and completed under lock.

The verbs stand in core.till (the cashier's), core.redemption (holds and confirmations) and core.refunds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core import nth, offers, receipts
from core.actors import StaffActor
from core.domain.account import Account, EntryKind
from core.domain.asking import asks_how_paid, how_paid, how_paid_is_missing
from core.domain.basket import Line, shares
from core.domain.errors import BranchClosed, CustomerBlocked, PurchaseUnknown
from core.domain.expiry import expires_at, rolling_days
from core.domain.ladder import Turnover
from core.domain.points import worth
from core.domain.programme import Programme, ReceiptNumber
from core.domain.quote import Quote, quote
from core.domain.rules import Metrics, Trigger
from core.friends import friend_bought
from core.limits import exceeded, keep_back
from core.standing import follow, tell_level
from core.store import customers, holds, ledger, outbox, purchase_notes, purchases, quotes, visits
from core.store.customers import CustomerRow
from core.store.purchases import PurchaseRow
from core.telling import in_chat

PRIORITY_RECEIPT = 10


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
    programme = sale.programme
    delay = timedelta(hours=programme.activation_delay_hours)
    values: dict[str, Any] = {
        "purchase_id": sale.id,
        "status": status,
        "customer_id": sale.customer_id,
        "customer_name": sale.customer_name,
        "customer_phone": sale.customer_phone,
        "has_chat": sale.customer_chat is not None,
        "branch_name": sale.branch_name,
        "time_zone": sale.time_zone,
        "currency": sale.currency,
        "step": programme.step,
        "point_worth": programme.point_worth,
        "subtotal": priced.subtotal,
        "discount": priced.discount,
        "discount_source": priced.discount_source,
        "level": sale.terms.level,
        "points": priced.points,
        "points_worth": priced.points_worth,
        "points_limit": priced.points_limit,
        "limit_worth": worth(priced.points_limit, programme.point_worth),
        "payable": priced.payable,
        "paid": priced.paid,
        "in_parts": programme.part_payments_on,
        "refunded": sale.refunded,
        "nth_purchase": programme.nth_purchase,
        "accrual": priced.accrual,
        "no_accrual": priced.no_accrual,
        "min_purchase": programme.min_purchase,
        "balance": balance,
        "gift": sale.gift,
        "repaid": sale.repaid,
        "debt": sale.customer_debt,
        "activates_at": completed_at + delay if completed_at and delay else None,
        "completed_at": completed_at,
        "cancelled_at": sale.cancelled_at,
        "undo_until": completed_at + timedelta(minutes=programme.undo_minutes) if completed_at else None,
        "confirm_until": sale.hold_confirm_until,
        "receipt_number": sale.receipt_number,
        "asks_receipt": programme.receipt_number.value,
        "held": sale.waits,
        "held_refused": sale.held_status == "refused" and not sale.refunded,
        "channel": ("telegram" if asks_in_chat(sale) else "sms") if status == "waiting" else None,
        **_offers(sale, priced),
        **_basket(sale, priced.paid),
    }
    return SaleView(**(values | changes))


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


@dataclass(slots=True)
class LockedSale:
    """A sale under lock: its row, its customer, the inviter who may be rewarded, and the account."""

    row: PurchaseRow
    customer: CustomerRow
    inviter: CustomerRow | None
    account: Account

    def reprice(self, *, available: int, points: int, programme: Programme | None = None) -> Quote:
        """The quote that is true now."""
        by = programme or self.row.programme
        return quote(by, self.row.basket, available=available, points=points, terms=self.row.terms)


async def lock_sale(purchase_id: int, *, actor: StaffActor | None = None, with_former: bool = False) -> LockedSale:
    """Lock the customer, then the purchase, then the lots: three statements.

    ``with_former``: whoever became a part of the customer, too. Raises PurchaseUnknown when there is no such
    purchase, or not in a branch of the actor.
    """
    people = await customers.lock_buyer(purchase_id, with_former=with_former)
    row = await purchases.get(purchase_id, locked=True)
    if row is None or (actor is not None and not actor.may_touch(row.branch_id)):
        raise PurchaseUnknown
    customer = people[row.customer_id]
    inviter = people.get(customer.referred_by_id) if customer.referred_by_id else None
    return LockedSale(row, customer, inviter, await ledger.load_account(customer.id, customer.debt))


async def complete(
    sale: LockedSale,
    priced: Quote,
    *,
    staff_id: int | None,
    now: datetime,
    also: Sequence[outbox.Draft] = (),
) -> SaleView:
    """Post a sale with the given figures, whose points are known to be there, and tell the customer.

    Redemption first, then the accrual, then what a friend's first purchase brings. ``also`` is told
    together with the receipt. Raises ReceiptNeeded, ReceiptTaken, CustomerBlocked, BranchClosed.
    """
    row, customer, account = sale.row, sale.customer, sale.account
    if customer.blocked_at is not None:
        raise CustomerBlocked
    if not row.branch_open:
        raise BranchClosed(name=row.branch_name)
    if priced.points:
        account.redeem(priced.points, key=f"purchase:{row.id}:redemption", now=now, purchase_id=row.id)
    await receipts.settle(row, now)
    day = day_of(now, row.time_zone)
    waits = await exceeded(row, priced.accrual, staff_id or row.staff_member_id, day[0], now)
    held = priced.accrual if waits else 0
    if waits:
        priced = replace(priced, accrual=0)
    if priced.accrual:
        activates, expires, rolling = lot_times(row.programme, now, row.time_zone)
        account.grant(
            EntryKind.ACCRUAL,
            priced.accrual,
            key=f"purchase:{row.id}:accrual",
            now=now,
            activates_at=activates,
            expires_at=expires,
            rolling_days=rolling,
            purchase_id=row.id,
        )
    settled = customer.referral_settled_at
    accounts = [account]
    if sale.inviter is not None and settled is None:
        inviter_account, settled = await friend_bought(row, customer, sale.inviter, account, now)
        if inviter_account is not None:
            accounts.append(inviter_account)
    brought = {
        "gift": sum(each.points for each in account.postings if each.kind is EntryKind.GIFT),
        "repaid": customer.debt - account.debt,
        "debt": account.debt,
    }
    balance = account.active(now)
    await ledger.write(accounts, ledger.Origin(now, row.branch_id, staff_id))
    await ledger.roll(account, now)
    sold, paid = customer.sold + priced.subtotal - priced.discount, customer.paid + priced.paid
    counted = row.programme.visits_on and await visits.settle_by_purchase(
        customer.id, row.branch_id, row.id, day, now
    )
    came = customer.visits + (0 if counted else 1)
    metrics = Metrics(Turnover(sold, paid, came), now, now, Trigger.CAME.value)
    followed = await follow(row.programme_now, customer, metrics)
    await customers.update(
        customer.id,
        debt=account.debt,
        purchases=customer.purchases + 1,
        sold=sold,
        paid=paid,
        visits=came,
        last_purchase_at=now,
        last_visit_at=now,
        referral_settled_at=settled,
        **followed.columns,
    )
    await nth.count(row, priced.discount_source)
    await offers.use(row, priced, now)
    await quotes.complete(row.id, priced, balance_after=balance, now=now)
    await purchase_notes.add_payments(row.id, shares(row.basket.payments, priced.paid), now)
    if waits:
        await keep_back(row, held, waits, now)
    if row.hold_id is not None:
        await holds.settle(row.hold_id, "captured" if priced.points else "released", now)
    done = view_of(
        row,
        priced,
        status="completed",
        balance=balance,
        completed_at=now,
        confirm_until=None,
        held=held,
        **brought,
    )
    await outbox.enqueue([*receipt(row, done), *also], now)
    await tell_level(customer.id, followed.reached, now)
    return done


def day_of(at: datetime, time_zone: str) -> tuple[datetime, datetime]:
    """The beginning and the end of a moment's local day, in UTC."""
    zone = ZoneInfo(time_zone)
    day = at.astimezone(zone).date()
    since, until = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
    return since.astimezone(UTC), until.astimezone(UTC)


def lot_times(programme: Programme, now: datetime, time_zone: str) -> tuple[datetime, datetime | None, int | None]:
    """When points earned now become active, when they expire, and the days that each purchase adds to that."""
    activates = now + timedelta(hours=programme.activation_delay_hours)
    expires = expires_at(programme.expiry, programme.expiry_days, activates, time_zone)
    return activates, expires, rolling_days(programme.expiry, programme.expiry_days)


def receipt(row: PurchaseRow, done: SaleView) -> list[outbox.Draft]:
    """What the customer is told of the finished sale, when they have the bot."""
    return in_chat(
        "receipts",
        row.customer_id,
        row.customer_chat,
        row.customer_language,
        template="notice/receipt",
        dedupe_key=f"receipt:{row.id}",
        data={
            "branch_name": done.branch_name,
            "time_zone": done.time_zone,
            "currency": done.currency,
            "subtotal": done.subtotal,
            "discount": done.discount,
            "discount_by": done.discount_by,
            "points": done.points,
            "payable": done.payable,
            "accrual": done.accrual,
            "points_by": ", ".join(dict.fromkeys(each for each in (done.factor_by, done.extra_by) if each)),
            "held": done.held,
            "activates_at": done.activates_at.isoformat() if done.activates_at else None,
            "gift": done.gift,
            "repaid": done.repaid,
            "balance": done.balance,
        },
    )


async def close_question(row: PurchaseRow, now: datetime) -> None:
    """The question in the customer's chat loses its buttons, or is never asked."""
    if row.customer_chat is None or row.hold_id is None:
        return
    question = f"confirm:{row.hold_id}"
    await outbox.suppress([question], "withdrawn")
    drafts = in_chat(
        "confirmation",
        row.customer_id,
        row.customer_chat,
        row.customer_language,
        template="notice/confirmation_closed",
        dedupe_key=f"{question}:closed",
        edits_key=question,
    )
    await outbox.enqueue(drafts, now)


def till_screen(row: PurchaseRow, why: str) -> list[outbox.Draft]:
    """Rewrite the till's live message with what is true when it is sent.

    ``why``: confirmed, declined, expired (the customer did not answer in time), or unreachable (in Telegram).
    """
    if row.chat_id is None or row.message_id is None:
        return []
    return [
        outbox.Draft(
            topic="till",
            channel="telegram",
            bot="staff",
            chat_id=row.chat_id,
            edits_message_id=row.message_id,
            staff_member_id=row.staff_member_id,
            template="screen/sale",
            language="",
            dedupe_key=f"till:{row.id}:{why}:{row.hold_id}",
            priority=PRIORITY_RECEIPT,
            data={"purchase_id": row.id, "why": why},
        )
    ]
