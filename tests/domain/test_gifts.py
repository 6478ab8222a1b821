"""Gifts for points, and the counter of every N-th purchase."""

from typing import Any

import pytest

from core.domain.gifts import Gift, counted_after, counted_after_refund, gift_number, is_nth


@pytest.mark.parametrize(("title", "points"), [("К", 1), ("я" * 64 + "  ", 10**10)])
def test_a_gift_has_a_title_and_a_price(title: str, points: int) -> None:
    gift = Gift(title, points)
    assert (gift.title, gift.points) == (title, points)


@pytest.mark.parametrize(
    ("title", "points"),
    [
        ("", 1),
        ("  ", 1),
        ("я" * 65, 1),
        ("Кофе", 0),
        ("Кофе", -1),
        ("Кофе", 10**10 + 1),
        ("Кофе", True),
        ("Кофе", 1.0),
    ],
)
def test_a_gift_without_them_is_refused(title: str, points: Any) -> None:
    with pytest.raises(ValueError, match="a gift has"):
        Gift(title, points)


def test_a_number_says_title_and_price_whatever_the_order() -> None:
    assert gift_number(Gift("Кофе", 100)) == gift_number(Gift("Кофе", 100))
    found = {gift_number(Gift(title, points)) for title in ("Кофе", "Чай") for points in (100, 200)}
    assert len(found) == 4


def test_the_tenth_is_free_after_nine() -> None:
    assert [is_nth(10, counted) for counted in (0, 8, 9, 10)] == [False, False, True, True]
    assert not is_nth(None, 100)


def test_the_free_one_begins_the_counter_anew() -> None:
    assert counted_after(8, was_gift=False) == 9
    assert counted_after(9, was_gift=True) == 0


def test_a_refunded_purchase_is_as_if_it_had_never_been() -> None:
    assert counted_after_refund(5, 10, was_gift=False) == 4
    assert counted_after_refund(0, 10, was_gift=False) == -1
    # A refunded gift is due again at once, whatever was bought since.
    assert counted_after_refund(0, 10, was_gift=True) == 9
    assert counted_after_refund(3, 10, was_gift=True) == 12
    assert is_nth(10, counted_after_refund(0, 10, was_gift=True))
