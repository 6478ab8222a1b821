"""What a customer's standing is, what is shown of it, and what it changes of a price."""

from datetime import UTC, datetime, timedelta

from core.domain.basket import Basket, Discount, DiscountSource, Line, Terms
from core.domain.eligibility import Exclusion
from core.domain.ladder import Level, Metric, Turnover
from core.domain.programme import Kind, Programme
from core.domain.rules import Effect, Metrics, Rule, Trigger
from core.domain.standing import (
    Standing,
    days_of_absence,
    follows,
    level_reached,
    standing_of,
    terms_of,
    with_eligibility,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LADDER = (Level("Друг", 0), Level("Свой", 1000, 700, 4000, 300), Level("Семья", 5000, 900))
RULES = (
    Rule(Effect.DISCOUNT, Trigger.SOLD, 2000, 500),
    Rule(Effect.CLASS, Trigger.VISITS, 3, name="silver"),
)
PROGRAMME = Programme(
    levels=LADDER, rules=RULES, silver_discount=200, discount_cancel_days=60, class_cancel_days=30
)


def metrics(days: int = 0, **turnover: int) -> Metrics:
    return Metrics(Turnover(**turnover), NOW - timedelta(days=days), NOW)


def test_a_standing_is_level_class_and_rules_discount() -> None:
    assert standing_of(PROGRAMME, metrics(sold=2000, visits=3)) == Standing("Свой", "silver", 500)
    assert standing_of(PROGRAMME, metrics()) == Standing("Друг", None, 0)
    assert standing_of(Programme(), metrics(sold=10**6)) == Standing(None, None, 0)
    # Each has an absence of its own.
    assert standing_of(PROGRAMME, metrics(31, sold=2000, visits=3)) == Standing("Свой", None, 500)
    assert standing_of(PROGRAMME, metrics(61, sold=2000, visits=3)) == Standing("Свой", None, 0)


def test_what_is_shown_of_it() -> None:
    shown = follows(PROGRAMME, metrics(sold=2000, visits=3))
    assert (shown.level, shown.importance, shown.discount) == ("Свой", "silver", 500)
    assert (shown.next_level, shown.left, shown.metric) == ("Семья", 3000, "sold")
    top = follows(PROGRAMME, metrics(sold=5000))
    assert (top.level, top.next_level, top.left, top.discount) == ("Семья", None, 0, 500)
    assert follows(Programme(level_metric=Metric.VISITS), metrics()).metric == "visits"
    assert follows(Programme(), metrics()).discount == 0


def test_rising_is_told_falling_and_beginning_are_not() -> None:
    backwards = LADDER[::-1]
    assert level_reached(backwards, "Друг", "Свой") is LADDER[1]
    assert level_reached(backwards, "Друг", "Семья") is LADDER[2]
    assert level_reached(backwards, None, "Свой") is LADDER[1]
    assert level_reached(backwards, "Отменённый", "Свой") is LADDER[1]
    assert level_reached(LADDER[1:], None, "Свой") is LADDER[1]
    assert level_reached(backwards, None, "Друг") is None
    assert level_reached(backwards, "Свой", "Свой") is None
    assert level_reached(backwards, "Семья", "Свой") is None
    assert level_reached(backwards, "Семья", None) is None


def test_the_shortest_absence_that_changes_anything() -> None:
    lost = Rule(Effect.ADD, Trigger.ABSENT, 90, name="Потерянные")
    assert days_of_absence(Programme()) is None
    assert days_of_absence(Programme(rules=(lost,))) == 90
    assert days_of_absence(Programme(rules=(lost,), discount_cancel_days=5, class_cancel_days=5)) == 90
    assert days_of_absence(Programme(rules=(lost, RULES[0]), discount_cancel_days=60)) == 60
    assert days_of_absence(Programme(rules=(lost, RULES[1]), class_cancel_days=30)) == 30
    assert days_of_absence(PROGRAMME) == 30


def test_terms_carry_the_levels_percents_and_each_discount_apart() -> None:
    terms = terms_of(PROGRAMME, metrics(sold=2000, visits=3))
    assert (terms.accrual_percent, terms.redemption_share, terms.level) == (700, 4000, "Свой")
    assert terms.discounts == (
        Discount(DiscountSource.LEVEL, 300),
        Discount(DiscountSource.RULE, 500),
        Discount(DiscountSource.CLASS, 200),
    )
    assert terms_of(Programme(), metrics()) == Terms()


def test_a_members_discount_belongs_to_its_kind() -> None:
    assert terms_of(Programme(discount_percent=700), metrics()).discounts == ()
    member = Programme(kind=Kind.DISCOUNT, discount_percent=700)
    assert terms_of(member, metrics()).discounts == (Discount(DiscountSource.MEMBER, 700),)
    assert (
        terms_of(Programme(kind=Kind.DISCOUNT, discount_percent=700, status_on=False), metrics()).discounts == ()
    )


def test_a_programme_that_is_off_gives_no_discount_and_keeps_the_level() -> None:
    off = Programme(levels=LADDER, rules=RULES, silver_discount=200, status_on=False)
    terms = terms_of(off, metrics(sold=2000, visits=3))
    assert (terms.discounts, terms.level) == ((), "Свой")


def test_excluded_lines_are_marked() -> None:
    basket = Basket((Line(100, product_id=1), Line(200, product_id=2, category_id=7), Line(300)))
    excluded = Programme(exclusions=(Exclusion("product", 1), Exclusion("category", 7)))
    assert [line.eligible for line in with_eligibility(excluded, basket).lines] == [False, False, True]
    left_in = Programme(exclusions=(Exclusion("product", 1),), exclude_all=True)
    assert [line.eligible for line in with_eligibility(left_in, basket).lines] == [True, False, False]
    assert with_eligibility(Programme(), basket) == basket
