"""What a setting is made of, and how its value is checked, typed and written, tried on a few made-up ones."""

import enum
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import pytest

from core.domain.errors import InvalidSetting
from core.domain.settings import Section, Unit, check, plain, setting, specs, typed


class Size(enum.StrEnum):
    SMALL = "small"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Rung:
    name: str
    threshold: int = 7

    def __post_init__(self) -> None:
        if self.threshold < 0:
            raise ValueError("below nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Settings of no programme."""

    greeting: str = setting(Unit.TEXT, Section.MAIN, "hi", (1, 5), ru=" Привет | Слова ", en="Greeting|Words")
    share: int = setting(
        Unit.PERCENT, Section.ACCRUAL, 20, (10, 90), ru="Доля", en="Share", branch=True, warn_above=50
    )
    limit: int | None = setting(Unit.COUNT, Section.SAFETY, None, (1, 9), ru="Предел | …", en="Limit | …")
    opened: bool = setting(Unit.FLAG, Section.MAIN, True, None, ru="Открыто | …", en="Open | …")
    size: Size = setting(Unit.CHOICE, Section.MAIN, Size.SMALL, None, ru="Размер | …", en="Size | …")
    rungs: tuple[Rung, ...] | None = setting(Unit.LIST, Section.LEVELS, None, (0, 2), ru="Ряд | …", en="Row | …")


def refused(name: str, value: Any) -> dict[str, Any]:
    with pytest.raises(InvalidSetting) as refusal:
        typed(Shop, name, value)
    return refusal.value.data


def test_declarations_are_in_the_order_of_their_lines() -> None:
    assert list(specs(Shop)) == ["greeting", "share", "limit", "opened", "size", "rungs"]
    assert all(spec.name == name for name, spec in specs(Shop).items())
    assert specs(Shop) is specs(Shop)


def test_a_declaration_says_what_a_setting_is() -> None:
    share, limit, size, rungs = (specs(Shop)[name] for name in ("share", "limit", "size", "rungs"))
    assert (share.unit, share.section, share.default) == (Unit.PERCENT, Section.ACCRUAL, 20)
    assert (share.low, share.high, share.branch, share.warn_above) == (10, 90, True, 50)
    assert (share.nullable, share.choices, share.holds) == (False, (), int)
    assert (limit.low, limit.high, limit.branch, limit.warn_above) == (1, 9, False, None)
    assert (limit.default, limit.nullable, limit.holds) == (None, True, int)
    assert (size.low, size.high, size.nullable, size.holds) == (None, None, False, Size)
    assert size.choices == ("small", "large")
    assert (rungs.nullable, rungs.choices, rungs.holds) == (True, (), Rung)
    with pytest.raises(FrozenInstanceError):
        share.low = 0


def test_words_are_a_title_and_its_help_in_the_language_asked_for() -> None:
    greeting, share = specs(Shop)["greeting"], specs(Shop)["share"]
    assert [greeting.title("ru"), greeting.help("ru")] == ["Привет", "Слова"]
    assert [greeting.title("en"), greeting.help("en")] == ["Greeting", "Words"]
    assert greeting.title("de") == "Greeting"
    assert [share.title("ru"), share.help("ru")] == ["Доля", ""]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("greeting", "h"),
        ("greeting", "hallo"),
        ("share", 10),
        ("share", 90),
        ("limit", None),
        ("limit", 9),
        ("opened", False),
        ("size", Size.LARGE),
        ("rungs", None),
        ("rungs", ()),
        ("rungs", (Rung("a"), Rung("b"))),
    ],
)
def test_a_value_within_its_bounds_passes(name: str, value: Any) -> None:
    check(Shop, name, value)
    assert typed(Shop, name, value) == value


@pytest.mark.parametrize(
    ("name", "value", "low", "high"),
    [
        ("greeting", "", 1, 5),
        ("greeting", "hello!", 1, 5),
        ("share", 9, 10, 90),
        ("share", 91, 10, 90),
        ("limit", 0, 1, 9),
        ("limit", 10, 1, 9),
        ("rungs", (Rung("a"),) * 3, 0, 2),
    ],
)
def test_a_value_out_of_its_bounds_is_refused_with_them(name: str, value: Any, low: int, high: int) -> None:
    with pytest.raises(InvalidSetting) as refusal:
        check(Shop, name, value)
    assert refusal.value.data == {"name": name, "low": low, "high": high}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("greeting", 5),
        ("greeting", None),
        ("share", True),
        ("share", 20.0),
        ("share", "20"),
        ("share", None),
        ("limit", "5"),
        ("opened", 1),
        ("size", "huge"),
        ("size", None),
        ("rungs", "ab"),
        ("rungs", {"name": "a"}),
        ("rungs", [5]),
        ("rungs", [{"threshold": 1}]),
        ("rungs", [{"name": "a", "threshold": -1}]),
    ],
)
def test_a_value_of_another_kind_is_refused_with_the_settings_bounds(name: str, value: Any) -> None:
    spec = specs(Shop)[name]
    assert refused(name, value) == {"name": name, "low": spec.low, "high": spec.high}


def test_a_setting_that_there_is_not_has_no_bounds() -> None:
    assert refused("no_such", 1) == {"name": "no_such", "low": None, "high": None}


def test_what_json_holds_becomes_the_settings_own_type() -> None:
    assert typed(Shop, "size", "large") is Size.LARGE
    mixed = [{"name": "a", "threshold": 3, "of_the_future": True}, Rung("b"), {"name": "c"}]
    assert typed(Shop, "rungs", mixed) == (Rung("a", 3), Rung("b"), Rung("c", 7))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Size.LARGE, "large"),
        ((Rung("a"), Rung("b", 1)), [{"name": "a", "threshold": 7}, {"name": "b", "threshold": 1}]),
        (Rung("a"), {"name": "a", "threshold": 7}),
        ((), []),
        (None, None),
        (True, True),
        (5, 5),
        ("hi", "hi"),
    ],
)
def test_a_value_is_written_plainly(value: Any, written: Any) -> None:
    found = plain(value)
    assert found == written
    assert type(found) is type(written)
    if isinstance(written, Mapping):
        assert typed(Shop, "rungs", [found]) == (value,)
