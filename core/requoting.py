"""A sale's quote at the moment: as it stands, and made anew once it is old or what it counts on is gone."""

from datetime import datetime, timedelta

from core.deps import Deps
from core.domain.asking import how_paid_is_missing
from core.domain.errors import PaymentUnasked, PurchaseClosed, PurchaseUnknown, QuoteStale
from core.domain.lots import active_balance
from core.domain.quote import quote_fitting
from core.offers import Scene, terms_now, without_gone
from core.sale_views import SaleView, view_of
from core.sales import LockedSale
from core.store import holds, ledger, programmes, purchases, quotes
from core.terms import with_eligibility

QUOTE_LIFETIME = timedelta(minutes=30)
"""How long a quote keeps the settings that priced it."""


async def as_it_stands(deps: Deps, row: purchases.PurchaseRow) -> SaleView:
    """A sale in whatever status, with the balance that goes with it."""
    now = deps.clock.now()
    if row.status == "completed" and row.balance_after is not None:
        return view_of(row, row, status=row.status, balance=row.balance_after)
    account = await ledger.load_account(row.customer_id, 0, locked=False)
    held = await holds.held(row.customer_id, now, but=row.id)
    balance = max(0, active_balance(account.lots, now) - held)
    return view_of(row, row, status=row.status, balance=balance)


async def _refresh(deps: Deps, sale: LockedSale) -> SaleView | None:
    """Price an old draft anew by the settings in force, or one whose gift or coupon another sale took; None when
    its quote still stands."""
    now = deps.clock.now()
    if now - sale.row.quoted_at < QUOTE_LIFETIME:
        return await _without_gone(sale, now)
    in_force = await programmes.in_force(sale.row.branch_id)
    available = await sale.available(now)
    programme = in_force.programme
    basket = with_eligibility(programme, sale.row.basket)
    scene = Scene(programme, sale.customer, basket, sale.row.branch_id, sale.row.time_zone, now)
    coupon_id = sale.row.terms.coupon_id
    terms = await terms_now(scene, has_promotions=in_force.has_promotions, coupon_id=coupon_id)
    basket, priced = quote_fitting(programme, basket, available=available, terms=terms)
    await quotes.reprice_by(sale.row.id, basket, terms)
    version = (in_force.version_id, in_force.branch_version_id)
    await quotes.requote(sale.row.id, priced, status="draft", now=now, version=version)
    same = (priced.payable, priced.accrual, priced.points_limit)
    stood = (sale.row.payable, sale.row.accrual, sale.row.points_limit)
    if same == stood and terms.coupon_id == coupon_id:
        sale.row = await _reloaded(sale.row.id)
        return None
    return view_of(await _reloaded(sale.row.id), priced, status="draft", balance=available)


async def stale_quote(deps: Deps, sale: LockedSale) -> QuoteStale | None:
    """The new quote, already kept, of a locked draft that can't be sold as it was quoted; None for one that can.

    Raises PurchaseClosed for what is no draft, PaymentUnasked.
    """
    if sale.row.status != "draft":
        raise PurchaseClosed(status=sale.row.status)
    stale = await _refresh(deps, sale)
    if stale is not None:
        return QuoteStale(sale=stale)
    if how_paid_is_missing(sale.row.programme, sale.row.basket):
        raise PaymentUnasked
    return None


async def _without_gone(sale: LockedSale, now: datetime) -> SaleView | None:
    row = await without_gone(sale.row, sale.customer, now)
    if row is None:
        return None
    sale.row = row
    available = await sale.available(now)
    priced = sale.reprice(available=available, points=0)
    await quotes.requote(row.id, priced, status="draft", now=now)
    return view_of(row, priced, status="draft", balance=available)


async def _reloaded(purchase_id: int) -> purchases.PurchaseRow:
    row = await purchases.get(purchase_id)
    if row is None:
        raise PurchaseUnknown
    return row
