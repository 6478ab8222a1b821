"""Promotions and coupons in a purchase: which stand in its quote, which are gone at its end, what they gave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.basket import Basket, DiscountSource, Offer, Terms
from core.domain.programme import Kind, Programme
from core.domain.promotions import Gives, holding, stands_in, what_they_gave, with_offers
from core.domain.quote import Quote
from core.nth import with_gift, without_gone_gift
from core.store import coupons, offers, quotes
from core.store.coupons import CouponRow
from core.store.customers import CustomerRow
from core.store.purchases import PurchaseRow
from core.terms import standing_terms


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and when something is bought, by which settings, by whom."""

    programme: Programme
    customer: CustomerRow
    basket: Basket
    branch_id: int
    time_zone: str
    now: datetime

    @classmethod
    def of(cls, row: PurchaseRow, customer: CustomerRow, now: datetime) -> "Scene":
        """An open purchase as it was quoted."""
        return cls(row.programme, customer, row.basket, row.branch_id, row.time_zone, now)


async def terms_now(scene: Scene, *, has_promotions: bool = True, coupon_id: int | None = None) -> Terms:
    """All that a purchase is priced by besides the programme.

    Without ``has_promotions`` nothing is on, and nothing is asked for. A coupon that gives nothing is left out.
    """
    terms = standing_terms(scene.programme, scene.customer, scene.now)
    terms = await with_gift(scene.programme, scene.customer.id, scene.basket, terms)
    if has_promotions and scene.programme.status_on:
        terms = with_offers(terms, scene.basket, _holding(scene, await offers.live_promotions(scene.now)))
    if coupon_id is None:
        return terms
    coupon = await coupons.get(coupon_id, locked=True)
    if coupon is None or await why_not(scene, coupon, terms) is not None:
        return terms
    return with_coupon(scene, terms, coupon)


def _holding(scene: Scene, found: Sequence[Gives]) -> list[Gives]:
    points = scene.programme.kind is not Kind.DISCOUNT
    return holding(
        [one for one in found if points or one.benefit.is_discount],
        branch_id=scene.branch_id,
        time_zone=scene.time_zone,
        at=scene.now,
        basket=scene.basket,
        is_first=not scene.customer.purchases,
    )


def with_coupon(scene: Scene, terms: Terms, coupon: CouponRow) -> Terms:
    """The terms with a coupon on top of all else: what is largest stands."""
    return replace(with_offers(terms, scene.basket, [coupon.batch.gives]), coupon_id=coupon.id)


async def why_not(scene: Scene, coupon: CouponRow, terms: Terms) -> str | None:
    """Why a coupon gives nothing in a purchase with these terms; None when it does."""
    gives, conditions = coupon.batch.gives, coupon.batch.gives.conditions
    reason = out_of_date(coupon, scene.now)
    if reason is not None:
        return reason
    if is_used_up(coupon):
        return "used_up"
    if await coupons.used_by(scene.customer.id, gives.id) >= coupon.batch.limit_customer:
        return "used"
    if not scene.programme.status_on:
        return "programme_off"
    if scene.programme.kind is Kind.DISCOUNT and not gives.benefit.is_discount:
        return "no_points"
    if not conditions.hold_in(scene.branch_id):
        return "elsewhere"
    if scene.basket.subtotal < conditions.min_purchase:
        return "minimum"
    if not conditions.are_met_by(scene.basket):
        return "lines"
    stands = stands_in(scene.basket, with_coupon(scene, terms, coupon), DiscountSource.COUPON)
    return None if stands else "less"


def out_of_date(coupon: CouponRow, now: datetime) -> str | None:
    """Whether a coupon is off, planned or ended."""
    batch = coupon.batch
    if not batch.is_on:
        return "off"
    if now < batch.starts_at:
        return "planned"
    return "ended" if batch.ends_at is not None and now >= batch.ends_at else None


def is_used_up(coupon: CouponRow) -> bool:
    """Whether all uses of a coupon, or of its batch, are taken."""
    pairs = ((coupon.uses, coupon.limit_total), (coupon.batch.uses, coupon.batch.limit_total))
    return any(limit is not None and uses >= limit for uses, limit in pairs)


async def without_gone(row: PurchaseRow, customer: CustomerRow, now: datetime) -> PurchaseRow | None:
    """The open sale without what another sale took meanwhile: the gift, the coupon's last use, the first
    purchase. None while all of it stands; dates that are over don't matter to a quote that is still good."""
    scene, standing = Scene.of(row, customer, now), row.terms.offers(row.discount_source)
    coupon_id = row.terms.coupon_id
    if coupon_id is not None and await _is_taken(coupon_id, customer.id):
        coupon_id = None
    gone_first = bool(customer.purchases) and any(offer.first_only for offer in standing)
    if coupon_id == row.terms.coupon_id and not gone_first:
        return await without_gone_gift(row)
    terms = await terms_now(scene, coupon_id=coupon_id)
    await quotes.reprice_by(row.id, row.basket, terms)
    return replace(row, terms=terms)


async def _is_taken(coupon_id: int, customer_id: int) -> bool:
    coupon = await coupons.get(coupon_id, locked=True)
    if coupon is None or is_used_up(coupon):
        return True
    return await coupons.used_by(customer_id, coupon.batch.gives.id) >= coupon.batch.limit_customer


async def use(row: PurchaseRow, priced: Quote, now: datetime) -> None:
    """Note what promotions gave in a purchase that is being completed, and take its coupon.

    The coupon's limits were looked at under its lock; one of which nothing stands is not taken.
    """
    gave = what_they_gave(row.programme, row.basket, row.terms, priced)
    await _note_promotions(row, gave, now)
    may_come = priced.no_accrual is None or priced.paid < priced.payable
    for offer, (discount, points) in gave.items():
        if offer.source is DiscountSource.COUPON and row.terms.coupon_id is not None and (discount or may_come):
            await coupons.use(row.terms.coupon_id, row.customer_id, row.id, discount, points, now)


async def use_more(row: PurchaseRow, priced: Quote, now: datetime) -> None:
    """Note what they have given after a later payment of the purchase."""
    gave = what_they_gave(row.programme, row.basket, row.terms, priced)
    await _note_promotions(row, gave, now)
    for offer, (discount, points) in gave.items():
        if offer.source is DiscountSource.COUPON:
            await coupons.note(row.id, discount, points)


async def _note_promotions(row: PurchaseRow, gave: Mapping[Offer, tuple[int, int]], now: datetime) -> None:
    found = [(one.id, *sums) for one, sums in gave.items() if one.source is DiscountSource.PROMOTION]
    await offers.note_promotions(row.id, row.customer_id, found, now)
