"""What a customer's standing changes of the programme for one purchase: levels, rules, classes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.domain.basket import Basket, Discount, DiscountSource, Terms
from core.domain.eligibility import line_is_eligible
from core.domain.ladder import Level, level_of, next_level
from core.domain.programme import Kind, Programme
from core.domain.rules import Effect, Metrics, Trigger, class_of, rule_discount


@dataclass(frozen=True, slots=True)
class Standing:
    """What a customer's turnover and visits come to, as their row keeps it. ``rule_discount`` in basis points."""

    level: str | None
    importance: str | None
    rule_discount: int


@dataclass(frozen=True, slots=True)
class Follows:
    """What people are shown of a standing. ``discount`` (basis points) is the largest that applies at once.

    ``left`` to the next level is in the units of ``metric``: minor units of money, or visits.
    """

    level: str | None
    importance: str | None
    discount: int
    next_level: str | None
    left: int
    metric: str


def follows(programme: Programme, metrics: Metrics) -> Follows:
    """A customer's standing as it is shown, computed anew like prices are."""
    stands = standing_of(programme, metrics)
    ahead = next_level(programme.levels, programme.level_metric, metrics.turnover)
    return Follows(
        level=stands.level,
        importance=stands.importance,
        discount=max((one.percent for one in terms_of(programme, metrics).discounts), default=0),
        next_level=ahead[0].name if ahead else None,
        left=ahead[1] if ahead else 0,
        metric=programme.level_metric.value,
    )


def standing_of(programme: Programme, metrics: Metrics) -> Standing:
    """A customer's level, class and discount by rules, as they are now."""
    level = level_of(programme.levels, programme.level_metric, metrics.turnover)
    return Standing(
        level=level.name if level else None,
        importance=class_of(programme.rules, metrics, programme.class_cancel_days),
        rule_discount=rule_discount(programme.rules, metrics, programme.discount_cancel_days),
    )


def level_reached(levels: Sequence[Level], before: str | None, after: str | None) -> Level | None:
    """The level that a customer rose to; None when they did not rise, or to where everybody begins."""
    ranks = {level.name: rank for rank, level in enumerate(sorted(levels, key=lambda one: one.threshold))}
    if after is None or (before in ranks and ranks[after] <= ranks[before]):
        return None
    level = next(one for one in levels if one.name == after)
    return level if level.threshold else None


def days_of_absence(programme: Programme) -> int | None:
    """The shortest absence that changes anything in a customer's standing, in days; None when none does."""
    days = [rule.threshold for rule in programme.rules if rule.trigger is Trigger.ABSENT]
    effects = {rule.effect for rule in programme.rules}
    if Effect.DISCOUNT in effects and programme.discount_cancel_days is not None:
        days.append(programme.discount_cancel_days)
    if Effect.CLASS in effects and programme.class_cancel_days is not None:
        days.append(programme.class_cancel_days)
    return min(days, default=None)


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
