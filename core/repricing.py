"""A draft whose basket was changed at the till: priced anew, by the settings in force."""

from core.actors import StaffActor
from core.deps import Deps
from core.domain.basket import Basket
from core.domain.errors import PurchaseClosed, PurchaseUnknown
from core.domain.quote import quote_fitting
from core.offers import Scene, terms_now
from core.sale_views import SaleView, view_of
from core.sales import LockedSale, lock_sale
from core.store import baskets, programmes, purchases, quotes
from core.terms import with_eligibility


async def lock_draft(actor: StaffActor, purchase_id: int) -> LockedSale:
    """A draft under lock. Raises PurchaseClosed for what is no draft any more, PurchaseUnknown, OwnAccount."""
    sale = await lock_sale(purchase_id, actor=actor)
    actor.refuse_own(sale.customer.id)
    if sale.row.status != "draft":
        raise PurchaseClosed(status=sale.row.status)
    return sale


async def reprice(deps: Deps, sale: LockedSale, basket: Basket) -> SaleView:
    """Write a locked draft's new basket with the quote that it comes to; parts of a payment that are more than
    that are left out. Raises InvalidAmount, PurchaseUnknown."""
    row, now = sale.row, deps.clock.now()
    in_force = await programmes.in_force(row.branch_id)
    programme = in_force.programme
    basket = with_eligibility(programme, basket)
    scene = Scene(programme, sale.customer, basket, row.branch_id, row.time_zone, now)
    terms = await terms_now(scene, has_promotions=in_force.has_promotions, coupon_id=row.terms.coupon_id)
    available = await sale.available(now)
    basket, priced = quote_fitting(programme, basket, available=available, terms=terms)
    await quotes.reprice_by(row.id, basket, terms)
    await baskets.rewrite(row.id, priced, basket)
    version = (in_force.version_id, in_force.branch_version_id)
    await quotes.requote(row.id, priced, status="draft", now=now, version=version)
    reloaded = await purchases.get(row.id)
    if reloaded is None:
        raise PurchaseUnknown
    return view_of(reloaded, priced, status="draft", balance=available)
