"""A promotion or a coupon before it is saved, as the dialogue keeps it: plain values by name. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.coupons import BatchView, CouponDraft
from core.domain.basket import DiscountSource
from core.domain.promotions import Benefit, Conditions, Gives
from core.offer_views import Draft, OfferView

Values = dict[str, Any]
PROMOTION, COUPON = "promotion", "coupon"
KINDS = (PROMOTION, COUPON)
LISTS = ("weekdays", "branches", "categories", "products")


def empty(kind: str) -> Values:
    """A new one, of which everything is still to be asked."""
    return {
        "kind": kind,
        "id": 0,
        "benefit": None,
        "amount": None,
        "name": None,
        "starts": None,
        "ends": None,
        "weekdays": [],
        "hours": None,
        "branches": [],
        "categories": [],
        "products": [],
        "first": False,
        "minimum": 0,
        "own": None,
        "count": None,
        "total": 1 if kind == COUPON else None,
        "whole": None,
        "each": 1,
    }


def of_view(kind: str, view: OfferView, batch: BatchView | None = None) -> Values:
    """One that is to be changed."""
    gives, conditions = view.gives, view.gives.conditions
    return empty(kind) | {
        "id": gives.id,
        "benefit": gives.benefit.value,
        "amount": gives.amount,
        "name": gives.name,
        "starts": view.starts_at.isoformat(),
        "ends": view.ends_at.isoformat() if view.ends_at else None,
        "weekdays": sorted(conditions.weekdays),
        "hours": list(conditions.hours) if conditions.hours else None,
        "branches": sorted(conditions.branches),
        "categories": sorted(conditions.category_ids),
        "products": sorted(conditions.product_ids),
        "first": conditions.first_only,
        "minimum": conditions.min_purchase,
        "count": batch.codes if batch else None,
        "own": batch.code if batch else None,
        "total": (batch.limit_total if batch.code else batch.limit_code) if batch else None,
        "whole": batch.limit_total if batch and not batch.code else None,
        "each": batch.limit_customer if batch else 1,
    }


def missing(values: Mapping[str, Any]) -> str | None:
    """What has to be asked before there is anything to look at; None when nothing has."""
    for field, names in (("benefit", ("benefit",)), ("amount", ("amount",)), ("dates", ("starts",))):
        if any(values[name] is None for name in names):
            return field
    no_codes = values["kind"] == COUPON and values["own"] is None and values["count"] is None
    return "codes" if no_codes else None


def offer_of(values: Mapping[str, Any], name: str) -> Draft:
    """The offer with its dates; ``name`` where none was typed."""
    source = DiscountSource.COUPON if values["kind"] == COUPON else DiscountSource.PROMOTION
    hours = values["hours"]
    conditions = Conditions(
        weekdays=frozenset(values["weekdays"]),
        hours=(hours[0], hours[1]) if hours else None,
        branches=frozenset(values["branches"]),
        product_ids=frozenset(values["products"]),
        category_ids=frozenset(values["categories"]),
        first_only=values["first"],
        min_purchase=values["minimum"],
    )
    gives = Gives(
        source, values["id"], values["name"] or name, Benefit(values["benefit"]), values["amount"], conditions
    )
    ends = values["ends"]
    return Draft(gives, datetime.fromisoformat(values["starts"]), datetime.fromisoformat(ends) if ends else None)


def coupon_of(values: Mapping[str, Any], name: str) -> CouponDraft:
    """The same as a coupon with its codes and limits."""
    limits = (values["total"], values["each"], values["whole"] if is_batch(values) else None)
    return CouponDraft(offer_of(values, name), values["own"], values["count"] or 1, *limits)


def is_batch(values: Mapping[str, Any]) -> bool:
    """Whether codes are generated, more than one."""
    return values["own"] is None and (values["count"] or 0) > 1
