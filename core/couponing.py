"""Coupons in use: entered at the till, taken off again, looked at by customers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actors import CustomerActor, StaffActor
from core.deps import Deps
from core.domain.coupons import read_code, written
from core.domain.errors import CouponRefused, PurchaseClosed
from core.domain.people import Right
from core.domain.quote import quote_fitting
from core.offer_views import OfferView, names, state_of
from core.offers import Scene, is_used_up, out_of_date, terms_now, why_not, with_coupon
from core.sale_views import SaleView, view_of
from core.sales import LockedSale, lock_sale
from core.store import coupons, quotes
from core.store.coupons import CouponRow
from core.store.transactions import run_in_transaction


@dataclass(frozen=True, slots=True)
class Told:
    """What a coupon gives, as a customer is told; ``problem`` is a reason of CouponRefused."""

    offer: OfferView
    code: str
    problem: str | None
    limit_customer: int


@dataclass(frozen=True, slots=True)
class Couponing:
    """Coupons of a sale, and of somebody who has one."""

    deps: Deps

    async def enter(self, actor: StaffActor, purchase_id: int, typed: str) -> SaleView:
        """Put a coupon into a draft; it is taken when the sale is completed. Another one takes its place.

        Raises CouponRefused with the reason, PurchaseClosed, PurchaseUnknown.
        """
        actor.require(Right.SELL)

        async def work() -> SaleView:
            sale = await _draft(purchase_id, actor)
            now = self.deps.clock.now()
            coupon = await self._known(typed)
            scene = Scene.of(sale.row, sale.customer, now)
            if sale.row.terms.coupon_id == coupon.id:
                return await self._requoted(sale, now)
            terms = sale.row.terms if sale.row.terms.coupon_id is None else await terms_now(scene)
            reason = await why_not(scene, coupon, terms)
            if reason is not None:
                raise CouponRefused(**_why(reason, coupon, actor.time_zone))
            sale.row.terms = with_coupon(scene, terms, coupon)
            return await self._requoted(sale, now)

        return await run_in_transaction(work)

    async def leave_out(self, actor: StaffActor, purchase_id: int) -> SaleView:
        """Take the coupon off a draft again. Raises PurchaseClosed, PurchaseUnknown."""
        actor.require(Right.SELL)

        async def work() -> SaleView:
            sale = await _draft(purchase_id, actor)
            now = self.deps.clock.now()
            if sale.row.terms.coupon_id is not None:
                sale.row.terms = await terms_now(Scene.of(sale.row, sale.customer, now))
            return await self._requoted(sale, now)

        return await run_in_transaction(work)

    async def _requoted(self, sale: LockedSale, now: datetime) -> SaleView:
        """The new price, without parts of a payment that are more than it."""
        row = sale.row
        available = await sale.available(now)
        row.basket, priced = quote_fitting(row.programme, row.basket, available=available, terms=row.terms)
        await quotes.reprice_by(row.id, row.basket, row.terms)
        # The quote is as old as it was: the rest of what it rests on is.
        await quotes.requote(row.id, priced, status="draft", now=row.quoted_at)
        return view_of(row, priced, status="draft", balance=available)

    async def _known(self, typed: str) -> CouponRow:
        code = read_code(typed)
        coupon = await coupons.by_code(code) if code else None
        if coupon is None:
            raise CouponRefused(reason="unknown")
        return coupon

    async def tell(self, actor: CustomerActor, typed: str) -> Told | None:
        """What a coupon gives; None for what is none. Nothing is taken by looking."""
        code = read_code(typed)
        coupon = await coupons.by_code(code) if code else None
        if coupon is None:
            return None
        batch, now = coupon.batch, self.deps.clock.now()
        problem = out_of_date(coupon, now) or ("used_up" if is_used_up(coupon) else None)
        if problem is None and await coupons.used_by(actor.id, batch.gives.id) >= batch.limit_customer:
            problem = "used"
        named = await names(batch.gives.conditions.product_ids)
        zone = self.deps.time_zone
        view = OfferView(batch.gives, batch.starts_at, batch.ends_at, state_of(batch, now), zone, named)
        return Told(view, written(coupon.code), problem, batch.limit_customer)


async def _draft(purchase_id: int, actor: StaffActor) -> LockedSale:
    sale = await lock_sale(purchase_id, actor=actor)
    if sale.row.status != "draft":
        raise PurchaseClosed(status=sale.row.status)
    return sale


def _why(reason: str, coupon: CouponRow, time_zone: str) -> dict[str, Any]:
    """What a refusal says of the coupon."""
    batch = coupon.batch
    return {
        "reason": reason,
        "starts_at": batch.starts_at,
        "ends_at": batch.ends_at,
        "tz": time_zone,
        "min_purchase": batch.gives.conditions.min_purchase,
        "limit": batch.limit_customer,
    }
