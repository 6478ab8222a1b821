"""Reading purchases: one with the settings that price it, its hold and its customer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.basket import Basket, Terms, basket_from_json, terms_from_json
from core.domain.programme import Programme
from core.store.programmes import programme_of
from core.store.sql import decoded, fetch_one, moment_or_none


@dataclass(slots=True)
class PurchaseRow:
    """A purchase, the settings that price it, the merchant's present ones, and its open hold.

    ``gift`` is what came with it besides the accrual, or went with it once it was undone; ``repaid`` of what it
    brought went into an older debt; ``held`` points wait for a manager, or did. Hundredths of a point.
    ``has_coupons``: some were on when it was quoted.
    """

    id: int
    status: str
    customer_id: int
    branch_id: int
    branch_name: str
    branch_open: bool
    time_zone: str
    staff_member_id: int
    programme: Programme
    programme_now: Programme
    currency: str
    subtotal: int
    discount: int
    points: int
    points_worth: int
    points_limit: int
    payable: int
    accrual_base: int
    accrual: int
    no_accrual: str | None
    balance_after: int | None
    quoted_at: datetime
    created_at: datetime
    completed_at: datetime | None
    cancelled_at: datetime | None
    chat_id: int | None
    message_id: int | None
    input_hash: str
    hold_id: int | None
    hold_points: int | None
    hold_confirm_until: datetime | None
    hold_expires_at: datetime | None
    customer_chat: int | None
    customer_language: str
    customer_name: str | None
    customer_phone: str | None
    customer_phone_verified_at: datetime | None
    basket: Basket
    terms: Terms
    discount_source: str | None
    sale_type: str | None
    paid: int
    receipt_number: str | None
    refunded: int
    returned_points: int
    taken_back: int
    customer_debt: int
    gift: int
    repaid: int
    held: int
    held_status: str | None
    has_coupons: bool
    has_products: bool

    @property
    def waits(self) -> int:
        """Points that wait for a manager."""
        return self.held if self.held_status == "waiting" else 0


_SELECT = (
    "SELECT p.*, b.name AS branch_name, b.is_open AS branch_open, b.time_zone, m.settings AS merchant_settings, "
    "o.settings AS branch_settings, (SELECT v.settings FROM programme_version v WHERE v.branch_id IS NULL "
    "ORDER BY v.id DESC LIMIT 1) AS settings_now, h.id AS hold_id, h.points AS hold_points, "
    "h.confirm_until AS hold_confirm_until, h.expires_at AS hold_expires_at, "
    "COALESCE(a.points, 0) AS held, a.status AS held_status, "
    "t.telegram_id AS customer_chat, c.language AS customer_language, c.name AS customer_name, "
    "c.phone AS customer_phone, c.phone_verified_at AS customer_phone_verified_at, c.debt AS customer_debt, "
    "(SELECT COALESCE(sum(e.points), 0) FROM ledger_entry e WHERE e.purchase_id = p.id "
    "AND e.customer_id = p.customer_id AND CASE WHEN p.status = 'cancelled' OR p.refunded = p.subtotal "
    "THEN e.kind = 'reversal' AND e.reason LIKE '%\\_undone' ESCAPE '\\' ELSE e.kind = 'gift' END) AS gift, "
    "(SELECT COALESCE(-sum(e.debt_change), 0) FROM ledger_entry e WHERE e.purchase_id = p.id "
    "AND e.customer_id = p.customer_id AND e.kind IN ('accrual', 'gift')) AS repaid, "
    "EXISTS (SELECT 1 FROM coupon_batch k WHERE k.is_on AND k.starts_at <= p.quoted_at "
    "AND (k.ends_at IS NULL OR k.ends_at > p.quoted_at)) AS has_coupons, "
    "EXISTS (SELECT 1 FROM product WHERE is_sold) AS has_products "
    "FROM purchase p JOIN branch b ON b.id = p.branch_id "
    "JOIN programme_version m ON m.id = p.programme_version_id "
    "LEFT JOIN programme_version o ON o.id = p.branch_version_id "
    "LEFT JOIN hold h ON h.purchase_id = p.id AND h.settled_at IS NULL "
    "LEFT JOIN held_accrual a ON a.purchase_id = p.id "
    "JOIN customer c ON c.id = p.customer_id "
    "LEFT JOIN telegram_identity t ON t.bot = 'customer' AND t.customer_id = p.customer_id "
    "AND t.blocked_at IS NULL "
)

_MOMENTS = (
    "quoted_at",
    "created_at",
    "completed_at",
    "cancelled_at",
    "hold_confirm_until",
    "hold_expires_at",
    "customer_phone_verified_at",
)
_DERIVED = ("programme", "programme_now", "currency", "basket", "terms", "paid")


def _row(found: dict[str, Any]) -> PurchaseRow:
    programme = programme_of(found["merchant_settings"], found["branch_settings"])
    values = {name: found[name] for name in PurchaseRow.__slots__ if name not in _DERIVED}
    values |= {name: moment_or_none(found[name]) for name in _MOMENTS}
    values |= {"gift": abs(int(found["gift"])), "repaid": int(found["repaid"])}
    values |= {name: bool(found[name]) for name in ("has_coupons", "has_products")}
    return PurchaseRow(
        programme=programme,
        programme_now=programme_of(found["settings_now"]),
        currency=programme.currency,
        basket=basket_from_json(decoded(found["basket"]), found["subtotal"]),
        terms=terms_from_json(decoded(found["terms"])),
        paid=found["payable"] if found["paid"] is None else found["paid"],
        **values,
    )


async def get(purchase_id: int, *, locked: bool = False) -> PurchaseRow | None:
    """The purchase; locked, it can't change until the transaction ends (the customer is locked first)."""
    for_update = " FOR UPDATE OF p" if locked else ""
    found = await fetch_one(f"{_SELECT} WHERE p.id = $1{for_update}", purchase_id)
    return _row(found) if found else None


async def by_request(request_key: str) -> PurchaseRow | None:
    """The purchase that a request made before."""
    found = await fetch_one(f"{_SELECT} WHERE p.request_key = $1", request_key)
    return _row(found) if found else None


async def last_completed_at(customer_id: int) -> datetime | None:
    found = await fetch_one(
        "SELECT max(completed_at) AS at FROM purchase WHERE customer_id = $1 AND status = 'completed' "
        "AND refunded < subtotal",
        customer_id,
    )
    return moment_or_none(found["at"]) if found else None
