"""Making promotions and coupons in tests, and quoting by them."""

from datetime import timedelta

from core.actors import StaffActor
from core.coupons import BatchView, CouponDraft
from core.domain.basket import Basket, DiscountSource
from core.domain.promotions import Benefit, Conditions, Gives
from core.offer_views import Draft, OfferView
from core.services import Services
from tests.core.kit import fresh_key

PROMOTION, COUPON = DiscountSource.PROMOTION, DiscountSource.COUPON


def draft(
    core: Services, benefit: Benefit, amount: int, source=PROMOTION, days: int | None = 7, **conditions
) -> Draft:
    now = core.deps.clock.now()
    gives = Gives(source, 0, f"{benefit.value} {amount}", benefit, amount, Conditions(**conditions))
    return Draft(gives, now, now + timedelta(days=days) if days else None)


async def promote(core: Services, owner: StaffActor, benefit: Benefit, amount: int, **conditions) -> OfferView:
    return await core.promotions.save(owner, draft(core, benefit, amount, **conditions), key=fresh_key("offer"))


async def issue(
    core: Services, owner: StaffActor, benefit: Benefit, amount: int, own: str | None = "SUMMER", *,
    count: int = 1, total: int | None = None, each: int = 1, whole: int | None = None,
    days: int | None = 7, **conditions,
) -> BatchView:  # fmt: skip
    offer = draft(core, benefit, amount, COUPON, days, **conditions)
    made = CouponDraft(offer, own, count, total, each, whole)
    return await core.coupons.save(owner, made, key=fresh_key("coupon"))


async def quoted(core: Services, cashier: StaffActor, customer: int, total: int | Basket, code: str | None = None):
    sale = await core.till.open_sale(cashier, customer, total, key=fresh_key("sale"))
    return sale if code is None else await core.couponing.enter(cashier, sale.purchase_id, code)
