"""The merchant's ladder: when a level is reached, what is left to the next, and which ladders are sound."""

from typing import Any

import pytest

from core.domain.ladder import Level, Metric, Turnover, ladder_is_sound, level_of, next_level

LADDER = (Level("Друг", 0), Level("Свой", 1000, 700), Level("Семья", 5000, 900))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"threshold": 0},
        {"threshold": 10**10},
        {"name": " " + "я" * 32},
        {"name": "Я"},
        {"accrual_percent": 0, "redemption_share": 10_000, "discount": 10_000},
        {"accrual_percent": 10_000, "redemption_share": 0, "discount": 0},
    ],
)
def test_a_level_within_its_bounds_is_taken(values: dict[str, Any]) -> None:
    level = Level(**({"name": "Свой", "threshold": 1} | values))
    assert {name: getattr(level, name) for name in values} == values


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"name": "  "},
        {"name": "я" * 33},
        {"threshold": -1},
        {"threshold": 10**10 + 1},
        {"threshold": True},
        {"threshold": 1.0},
        {"accrual_percent": -1},
        {"accrual_percent": 10_001},
        {"redemption_share": 10_001},
        {"redemption_share": "5"},
        {"discount": 10_001},
        {"discount": -1},
    ],
)
def test_a_level_out_of_its_bounds_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a level"):
        Level(**({"name": "Свой", "threshold": 1} | values))


def test_a_level_leaves_the_programmes_own_percents() -> None:
    level = Level("Свой", 1)
    assert (level.accrual_percent, level.redemption_share, level.discount) == (None, None, 0)
    assert Turnover() == Turnover(sold=0, paid=0, visits=0)


def test_a_ladder_rises_and_names_nobody_twice() -> None:
    assert ladder_is_sound(())
    assert ladder_is_sound(LADDER)
    assert not ladder_is_sound(LADDER[::-1])
    assert not ladder_is_sound((Level("Друг", 5), Level("Свой", 5)))
    assert not ladder_is_sound((Level("Свой", 1), Level("СВОЙ", 2)))


@pytest.mark.parametrize("metric", list(Metric))
def test_a_level_is_reached_at_its_threshold_by_its_own_metric(metric: Metric) -> None:
    for have, name in ((0, "Друг"), (999, "Друг"), (1000, "Свой"), (4999, "Свой"), (5000, "Семья")):
        turnover = Turnover(**{metric.value: have})
        level = level_of(LADDER, metric, turnover)
        assert level is not None
        assert level.name == name
    elsewhere = Turnover(**{other.value: 10**9 for other in Metric if other is not metric})
    assert level_of(LADDER, metric, elsewhere) is LADDER[0]
    assert level_of(LADDER[1:], metric, elsewhere) is None


def test_what_is_left_to_the_next_level() -> None:
    def left(sold: int) -> tuple[str, int] | None:
        found = next_level(LADDER[::-1], Metric.SOLD, Turnover(sold=sold))
        return None if found is None else (found[0].name, found[1])

    assert left(0) == ("Свой", 1000)
    assert left(999) == ("Свой", 1)
    assert left(1000) == ("Семья", 4000)
    assert left(4999) == ("Семья", 1)
    assert left(5000) is None
