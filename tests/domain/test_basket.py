"""Baskets, discounts on lines, and terms as they are stored."""

import json

from core.domain.basket import (
    Basket,
    Discount,
    DiscountSource,
    Line,
    Offer,
    Payment,
    Terms,
    basket_from_json,
    basket_to_json,
    largest_discount,
    shares,
    terms_from_json,
    terms_to_json,
)

LINES = (
    Line(100_00, product_id=1, category_id=10),
    Line(60_00, product_id=2, category_id=20),
    Line(40_00, eligible=False, product_id=3, category_id=10),
)


def test_a_typed_total_is_one_line_that_earns() -> None:
    assert Basket.of_total(500) == Basket((Line(500),))
    line = Line(500)
    assert (line.eligible, line.quantity, line.title, line.product_id) == (True, 1000, "", None)
    assert Basket(LINES).subtotal == 200_00


def test_a_discount_is_of_eligible_lines_and_of_its_own_products() -> None:
    everything = Discount(DiscountSource.RULE, 1000)
    assert everything.off(LINES) == [10_00, 6_00, 0]
    assert Discount(DiscountSource.RULE, 1000, product_ids=frozenset({2})).off(LINES) == [0, 6_00, 0]
    assert Discount(DiscountSource.RULE, 1000, category_ids=frozenset({10})).off(LINES) == [10_00, 0, 0]
    either = Discount(DiscountSource.RULE, 1000, product_ids=frozenset({2}), category_ids=frozenset({10}))
    assert either.off(LINES) == [10_00, 6_00, 0]
    gift = Discount(DiscountSource.NTH_GIFT, 10_000, any_line=True, category_ids=frozenset({10}))
    assert gift.off(LINES) == [100_00, 0, 40_00]
    assert Discount(DiscountSource.RULE, 1000, any_line=True).off(LINES) == [10_00, 6_00, 4_00]


def test_a_discount_is_bounded_by_what_it_takes_from_and_by_its_own_limit() -> None:
    assert Discount(DiscountSource.COUPON, amount=8_00).off(LINES) == [5_00, 3_00, 0]
    assert Discount(DiscountSource.COUPON, amount=999_00).off(LINES) == [100_00, 60_00, 0]
    assert Discount(DiscountSource.COUPON, percent=1000, amount=1_60).off(LINES) == [11_00, 6_60, 0]
    assert sum(Discount(DiscountSource.NTH_GIFT, 10_000, up_to=80_00).off(LINES)) == 80_00
    assert sum(Discount(DiscountSource.NTH_GIFT, 10_000, up_to=500_00).off(LINES)) == 160_00
    assert Discount(DiscountSource.RULE).off(LINES) == [0, 0, 0]


def test_the_largest_discount_stands_and_the_first_of_equals() -> None:
    small, large = Discount(DiscountSource.LEVEL, 500), Discount(DiscountSource.RULE, 700)
    assert largest_discount(LINES, (small, large)) == (DiscountSource.RULE, [7_00, 4_20, 0])
    assert largest_discount(LINES, (large, small))[0] is DiscountSource.RULE
    same = Discount(DiscountSource.CLASS, 700)
    assert largest_discount(LINES, (large, same))[0] is DiscountSource.RULE
    assert largest_discount(LINES, ()) == (None, [0, 0, 0])
    assert largest_discount(LINES, (Discount(DiscountSource.RULE),)) == (None, [0, 0, 0])


def test_a_usual_sale_is_stored_as_nothing_and_others_are_read_back() -> None:
    assert basket_to_json(Basket.of_total(500)) is None
    assert basket_from_json(None, 500) == Basket.of_total(500)
    paid = Basket(LINES, "delivery", (Payment("card", 50_00), Payment("cash")))
    for basket in (paid, Basket((Line(500),), "delivery"), Basket((Line(500, title="Кофе"),)), Basket(LINES)):
        stored = basket_to_json(basket)
        assert stored is not None
        assert basket_from_json(json.loads(json.dumps(stored)), 1) == basket


def test_parts_of_a_payment_are_dropped_only_where_that_is_said() -> None:
    assert not Basket(LINES).parts_dropped
    stored = basket_to_json(Basket(LINES, parts_dropped=True))
    assert stored is not None
    assert basket_from_json(stored, 200_00).parts_dropped
    del stored["parts_dropped"]  # as it was stored before there was such a thing
    assert not basket_from_json(stored, 200_00).parts_dropped


def test_terms_are_read_back_whole() -> None:
    assert terms_to_json(Terms()) is None
    assert terms_from_json(None) == Terms()
    assert (Terms().factor, Terms().extra_points) == (100, 0)
    discounts = (
        Discount(
            DiscountSource.COUPON, amount=5, product_ids=frozenset({3, 1, 2}), category_ids=frozenset({9, 4})
        ),
        Discount(DiscountSource.NTH_GIFT, 10_000, up_to=7, any_line=True),
    )
    terms = Terms(700, 4000, discounts, 200, 50, "Свой", coupon_id=4)
    stored = terms_to_json(terms)
    assert stored is not None
    assert stored["discounts"][0]["product_ids"] == [1, 2, 3]
    assert stored["discounts"][0]["category_ids"] == [4, 9]
    assert terms_from_json(json.loads(json.dumps(stored))) == terms


def test_each_way_of_paying_pays_what_it_names_and_one_the_rest() -> None:
    assert shares((Payment("card", 60_00), Payment("cash", 30_00)), 90_00) == [("card", 60_00), ("cash", 30_00)]
    assert shares((Payment("card", 60_00), Payment("cash")), 100_00) == [("card", 60_00), ("cash", 40_00)]
    assert shares((Payment("cash"),), 100_00) == [("cash", 100_00)]
    assert shares((), 100_00) == []


def test_the_rest_may_be_nothing_and_is_never_less() -> None:
    parts = (Payment("card", 60_00), Payment("cash"))
    assert shares(parts, 60_00) == [("card", 60_00), ("cash", 0)]
    assert shares(parts, 59_99) == [("card", 60_00), ("cash", 0)]


def offer(number: int, source: DiscountSource = DiscountSource.PROMOTION, **asks: frozenset[int]) -> Offer:
    return Offer(source, number, "Осень", **asks)


def test_an_offer_asks_nothing_unless_it_says_so() -> None:
    plain = offer(1)
    assert (plain.min_purchase, plain.first_only) == (0, False)


def test_an_offer_is_for_eligible_lines_of_its_own_products() -> None:
    assert [offer(1).takes(line) for line in LINES] == [True, True, False]
    drinks = offer(1, category_ids=frozenset({10}))
    assert [drinks.takes(line) for line in LINES] == [True, False, False]
    tea = offer(1, product_ids=frozenset({2}))
    assert [tea.takes(line) for line in LINES] == [False, True, False]


def test_the_offers_that_stand_are_told_each_once() -> None:
    sale, code, other = offer(1), offer(2, DiscountSource.COUPON), offer(3)
    terms = Terms(
        discounts=(
            Discount(DiscountSource.PROMOTION, 500, by=sale),
            Discount(DiscountSource.COUPON, 700, by=code),
            Discount(DiscountSource.LEVEL, 300),
        ),
        factor=200,
        factor_by=sale,
        extra_points=5_00,
        extra_by=other,
    )
    assert terms.offers(DiscountSource.PROMOTION) == (sale, other)
    assert terms.offers(DiscountSource.COUPON) == (code, sale, other)
    assert terms.offers(DiscountSource.LEVEL) == (sale, other)
    assert terms.offers(None) == (sale, other)
    assert Terms().offers(None) == ()


def test_the_offers_of_terms_are_read_back_too() -> None:
    sale = Offer(DiscountSource.PROMOTION, 1, "Осень", 100_00, True, frozenset({2, 1}), frozenset({9}))
    code = offer(2, DiscountSource.COUPON)
    discounts = (Discount(DiscountSource.PROMOTION, 500, by=sale), Discount(DiscountSource.LEVEL, 300))
    terms = Terms(discounts=discounts, factor=200, factor_by=sale, extra_points=5_00, extra_by=code)
    assert terms_from_json(json.loads(json.dumps(terms_to_json(terms)))) == terms
