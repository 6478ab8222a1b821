"""Segments: conditions set and left out, stored and read, and the cells of recency, frequency and money."""

import json
from typing import Any

import pytest

from core.domain.campaigns import SpanUnclear
from core.domain.errors import InvalidSetting
from core.domain.segments import (
    BOUNDS,
    FREQUENCY,
    RECENCY,
    SCORES,
    Rfm,
    Segment,
    Span,
    from_json,
    money_bounds,
    to_json,
    with_condition,
)


def test_a_span_holds_both_its_ends() -> None:
    assert [value in Span(2, 4) for value in (1, 2, 4, 5)] == [False, True, True, False]
    assert 10**9 in Span(2, None)
    assert 1 not in Span(2)
    assert 0 in Span(None, 4)
    assert 5 not in Span(None, 4)
    assert 5 in Span()


def test_spans_have_the_agreed_bounds() -> None:
    assert dict(BOUNDS) == {"bought": 3650, "purchases": 1_000_000, "sold": 10**10, "balance": 10**10}
    for name, high in BOUNDS.items():
        for span in (Span(0, high), Span(high, None), Span(None, 0), Span(5, 5)):
            assert getattr(with_condition(Segment(), name, span), name) == span
        for span in (Span(), Span(-1, None), Span(None, high + 1), Span(5, 4)):
            with pytest.raises(SpanUnclear) as refusal:
                with_condition(Segment(), name, span)
            assert refusal.value.data == {"name": name, "high": high}
        assert with_condition(Segment(**{name: Span(1, 2)}), name, None) == Segment()


def test_choices_are_set_and_left_out() -> None:
    some = with_condition(Segment(), "levels", ["Свой", ""])
    assert some.levels == ("Свой", "")
    assert with_condition(some, "levels", None) == Segment()
    assert with_condition(some, "levels", []) == Segment()
    assert len(with_condition(some, "branches", range(50)).branches) == 50
    for name, value in (("branches", range(51)), ("weather", ("rain",))):
        with pytest.raises(InvalidSetting) as refusal:
            with_condition(some, name, value)
        assert refusal.value.data == {"name": name, "low": 0, "high": 50}
    assert with_condition(some, "telegram", False).telegram is False
    assert with_condition(Segment(telegram=True), "telegram", None) == Segment()


def test_cells_without_a_score_are_no_condition() -> None:
    for cells in (Rfm((3,)), Rfm((), (2,)), Rfm((), (), (1,))):
        assert with_condition(Segment(), "rfm", cells).rfm == cells
    assert with_condition(Segment(rfm=Rfm((3,))), "rfm", Rfm()) == Segment()
    assert with_condition(Segment(rfm=Rfm((3,))), "rfm", None) == Segment()


def test_every_customer_is_in_one_cell() -> None:
    assert SCORES == (3, 2, 1)
    for cells, numbers in ((RECENCY, range(0, 200)), (FREQUENCY, range(1, 20))):
        for number in numbers:
            assert sum(number in span for span in cells.values()) == 1
        assert tuple(cells) == SCORES
    assert not any(0 in span for span in FREQUENCY.values()), "who never bought is in no cell"
    cells = Rfm((3, 1), (2,), (3, 2, 1), (100, 400))
    assert cells.days == (Span(0, 30), Span(91, None))
    assert cells.purchases == (Span(2, 4),)
    assert cells.sums == (Span(400, None), Span(100, 399), Span(None, 99))
    assert Rfm().much == (1, 2)


@pytest.mark.parametrize(
    ("sold", "customers", "bounds"),
    [
        (1000_00, 10, (50_00, 200_00)),
        (1000_00, 1, (500_00, 2000_00)),
        (0, 0, (1, 2)),
        (0, 10, (1, 2)),
        (10, 10, (1, 2)),
        (30, 10, (1, 6)),
    ],
)
def test_a_large_sum_is_twice_the_average(sold: int, customers: int, bounds: tuple[int, int]) -> None:
    assert money_bounds(sold, customers) == bounds


WHOLE = Segment(
    ("Свой",), ("gold", ""), ("VIP",), (1, 2), Span(30, 90), Span(1, None), Span(None, 5), Span(0, 0), (12,),
    False, ("ru",), Rfm((3,), (), (1, 2), (7, 9)),
)  # fmt: skip


@pytest.mark.parametrize("segment", [Segment(), WHOLE, Segment(telegram=True), Segment(purchases=Span(0, None))])
def test_a_segment_is_read_as_it_was_kept(segment: Segment) -> None:
    kept: dict[str, Any] = json.loads(json.dumps(to_json(segment)))
    assert from_json(kept) == segment
    assert tuple(kept) == segment.conditions


def test_what_a_newer_release_wrote_is_nobody_rather_than_everybody() -> None:
    with pytest.raises(ValueError, match="unknown conditions: \\['mood'\\]"):
        from_json({"languages": ["ru"], "mood": "good"})


def test_conditions_are_named_in_their_order() -> None:
    assert Segment().conditions == ()
    assert WHOLE.conditions == tuple(to_json(WHOLE))
    assert len(WHOLE.conditions) == 12
    assert Segment(telegram=False, languages=("ru",)).conditions == ("telegram", "languages")
