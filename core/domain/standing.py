"""What a customer's standing changes of the programme for one purchase: levels, rules, classes. Pure."""

from dataclasses import replace

from core.domain.basket import Basket, Discount, DiscountSource, Terms
from core.domain.eligibility import line_is_eligible
from core.domain.ladder import level_of
from core.domain.programme import Kind, Programme
from core.domain.rules import Metrics, class_of, rule_discount


def terms_of(programme: Programme, metrics: Metrics) -> Terms:
    """The terms that follow from turnover and visits, without promotions and coupons."""
    level = level_of(programme.levels, programme.level_metric, metrics.turnover)
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
