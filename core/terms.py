"""What a customer's standing changes of the programme for one purchase: levels, rules, classes.

Everything is computed anew from the customer's turnover; what is stored in their row is for lists only.
"""

from dataclasses import replace
from datetime import datetime

from core.domain.basket import Basket, Discount, DiscountSource, Terms
from core.domain.eligibility import line_is_eligible
from core.domain.ladder import Level, Turnover, level_of
from core.domain.programme import Kind, Programme
from core.domain.rules import Metrics, class_of, rule_discount
from core.store.customers import CustomerRow


def turnover_of(customer: CustomerRow) -> Turnover:
    """What the customer has bought so far."""
    return Turnover(customer.sold, customer.paid, customer.visits)


def metrics_of(customer: CustomerRow, now: datetime, status: str | None = None) -> Metrics:
    """What rules look at; ``status`` of the visit that is being saved."""
    return Metrics(turnover_of(customer), customer.last_visit_at, now, status)


def level_now(programme: Programme, customer: CustomerRow) -> Level | None:
    """The customer's level: it follows turnover, never the balance."""
    return level_of(programme.levels, programme.level_metric, turnover_of(customer))


def standing_terms(programme: Programme, customer: CustomerRow, now: datetime) -> Terms:
    """The terms that follow from who the customer is, without promotions and coupons."""
    level = level_now(programme, customer)
    metrics = metrics_of(customer, now)
    by_class = programme.class_discount(class_of(programme.rules, metrics, programme.class_cancel_days))
    percents = {
        DiscountSource.MEMBER: programme.discount_percent if programme.kind is Kind.DISCOUNT else 0,
        DiscountSource.LEVEL: level.discount if level else 0,
        DiscountSource.RULE: rule_discount(programme.rules, metrics, programme.discount_cancel_days),
        DiscountSource.CLASS: by_class,
    }
    if not programme.status_on:
        percents = {}
    return Terms(
        accrual_percent=level.accrual_percent if level else None,
        redemption_share=level.redemption_share if level else None,
        discounts=tuple(Discount(source, percent) for source, percent in percents.items() if percent),
        level=level.name if level else None,
    )


def with_eligibility(programme: Programme, basket: Basket) -> Basket:
    """The basket with each line marked by the programme's exclusions."""
    lines = tuple(
        replace(
            line,
            eligible=line_is_eligible(
                programme.exclusions, programme.exclude_all, line.product_id, line.category_id
            ),
        )
        for line in basket.lines
    )
    return replace(basket, lines=lines)
