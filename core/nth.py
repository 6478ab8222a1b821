"""Every N-th purchase a gift: who is due one, and the counter that says so."""

from dataclasses import dataclass, replace

from core.domain.basket import Basket, Discount, DiscountSource, Terms
from core.domain.gifts import counted_after, counted_after_refund, is_nth
from core.domain.money import BASIS
from core.domain.programme import Programme
from core.store import counters, quotes
from core.store.purchases import PurchaseRow

ANY_PURCHASE = 0


@dataclass(frozen=True, slots=True)
class NthProgress:
    """Every ``every``-th purchase is free; ``left`` purchases are to be made before the free one."""

    every: int
    left: int


def _category(programme: Programme) -> int:
    return programme.nth_category or ANY_PURCHASE


def counts(programme: Programme, basket: Basket) -> bool:
    """Whether a purchase counts: any, or one with a product of the category."""
    if not programme.status_on or programme.nth_purchase is None:
        return False
    category = programme.nth_category
    return category is None or any(line.category_id == category for line in basket.lines)


async def with_gift(programme: Programme, customer_id: int, basket: Basket, terms: Terms) -> Terms:
    """The terms with the gift, where this purchase is the N-th."""
    if not counts(programme, basket):
        return terms
    counted = await counters.counted(customer_id, _category(programme))
    if not is_nth(programme.nth_purchase, counted):
        return terms
    only = frozenset() if programme.nth_category is None else frozenset({programme.nth_category})
    gift = Discount(DiscountSource.NTH_GIFT, BASIS, up_to=programme.nth_limit, category_ids=only, any_line=True)
    return replace(terms, discounts=(*terms.discounts, gift))


async def without_gone_gift(row: PurchaseRow) -> PurchaseRow | None:
    """The open sale without its gift, when another sale has taken the gift meanwhile; None while it stands."""
    discounts = [one for one in row.terms.discounts if one.source is not DiscountSource.NTH_GIFT]
    if len(discounts) == len(row.terms.discounts):
        return None
    counted = await counters.counted(row.customer_id, _category(row.programme))
    if is_nth(row.programme.nth_purchase, counted):
        return None
    terms = replace(row.terms, discounts=tuple(discounts))
    await quotes.reprice_by(row.id, row.basket, terms)
    return replace(row, terms=terms)


async def count(row: PurchaseRow, source: DiscountSource | None) -> None:
    """Count a purchase that is being completed with a discount of ``source``: the gift begins anew."""
    if not counts(row.programme, row.basket):
        return
    category, is_gift = _category(row.programme), source is DiscountSource.NTH_GIFT
    counted = 0 if is_gift else await counters.counted(row.customer_id, category)
    await counters.put(row.customer_id, category, counted_after(counted, was_gift=is_gift))


async def uncount(row: PurchaseRow) -> None:
    """Take a purchase out of the counter, once it was refunded whole."""
    every = row.programme.nth_purchase
    if every is None or not counts(row.programme, row.basket):
        return
    category, was_gift = _category(row.programme), row.discount_source == DiscountSource.NTH_GIFT
    counted = await counters.counted(row.customer_id, category)
    await counters.put(row.customer_id, category, counted_after_refund(counted, every, was_gift=was_gift))


async def progress(programme: Programme, customer_id: int) -> NthProgress | None:
    """How far a customer is; None when the programme gives no such gift."""
    every = programme.nth_purchase
    if every is None or not programme.status_on:
        return None
    counted = await counters.counted(customer_id, _category(programme))
    return NthProgress(every, max(0, every - 1 - counted))
