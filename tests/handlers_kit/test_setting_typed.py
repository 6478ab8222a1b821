"""What people type as a setting's value, by its unit."""

import pytest

from core.domain.errors import InvalidSetting
from core.domain.programme import Programme
from core.domain.settings import Unit, specs
from handlers.staff.office.programme.typed import parse_setting

SPECS = specs(Programme)
TAKEN = [
    ("accrual_percent", {"5": 500, "5 %": 500, "5%": 500, "7,5": 750, " 7.25 % ": 725, "1": 100, "100": 10_000}),
    ("min_purchase", {"0": 0, "1 500": 1500_00, "99,90 ₽": 99_90, "500 руб": 500_00, "1500.5": 1500_50}),
    ("point_worth", {"1": 1_00, "0,01": 1, "10 000": 10_000_00}),
    ("welcome_points", {"0": 0, "100": 100_00, "100 баллов": 100_00, "1 балл": 1_00, "2,50 балла": 2_50}),
    ("activation_delay_hours", {"0": 0, "24": 24, "24 ч": 24, "1 день": 24, "2 дня": 48, "36 часов": 36}),
    ("activation_delay_hours", {"1 сутки": 24, "3 суток": 72, "2 недели": 336, "1 day": 24, "5 hours": 5}),
    ("expiry_days", {"30": 30, "30 дней": 30, "1 день": 1, "2 недели": 14, "1 week": 7, "3650": 3650}),
    ("undo_minutes", {"15": 15, "15 мин": 15, "15 минут": 15, "1 час": 60, "2 ч.": 120}),
    ("code_length", {"3": 3, "8": 8}),
    ("daily_accruals", {"3": 3, "3 раза": 3, "пусто": None, "Пусто": None, "нет": None, "-": None, "none": None}),
    ("nth_limit", {"300": 300_00, "убрать": None}),
    ("name", {"Лавка": "Лавка", " Лавка\n у дома ": "Лавка у дома", "<b>": "<b>"}),
    ("currency", {"rub": "RUB", "EUR": "EUR"}),
    ("terms", {"Первое.\nВторое.": "Первое.\nВторое.", "нет": "нет", "a\x00b\x07": "ab"}),
]
REFUSED = [
    (
        "accrual_percent",
        ["0", "101", "100,01", "0,99", "", "пять", "-5", "5 5", "5 %%", "٥", "1e2", "5;6", "пусто"],
    ),
    ("min_purchase", ["-1", "много", "100000000,01", "1,234"]),
    ("activation_delay_hours", ["-1", "8761", "366 дней", "1 год", "1.5", "1 день 2 часа", "х"]),
    ("expiry_days", ["0", "3651", "5 ч", "1 месяц"]),
    ("undo_minutes", ["0", "1441", "25 ч"]),
    ("code_length", ["2", "9", "4,5", "4 дня", "9" * 100]),
    ("welcome_points", ["-1", "100 рублей штука", "1,001"]),
    ("name", ["я" * 65]),
    ("currency", ["RU", "RUBL"]),
    ("terms", ["я" * 3001]),
]


@pytest.mark.parametrize(("name", "typed", "value"), [(n, t, v) for n, table in TAKEN for t, v in table.items()])
def test_what_is_taken(name: str, typed: str, value: object) -> None:
    assert parse_setting(SPECS[name], typed) == value


@pytest.mark.parametrize(("name", "typed"), [(name, typed) for name, table in REFUSED for typed in table])
def test_what_is_refused_with_its_bounds(name: str, typed: str) -> None:
    spec = SPECS[name]
    with pytest.raises(InvalidSetting) as refused:
        parse_setting(spec, typed)
    assert refused.value.data == {"name": name, "low": spec.low, "high": spec.high}


def test_the_ends_of_every_setting_can_be_typed() -> None:
    scale = {Unit.PERCENT: 100, Unit.MONEY: 100, Unit.POINTS: 100}
    tried = 0
    for spec in SPECS.values():
        if spec.unit in (Unit.FLAG, Unit.TEXT, Unit.CHOICE, Unit.LIST) or spec.low is None or spec.high is None:
            continue
        if spec.high > 10**12:
            continue  # the number of a category: no bound that anybody types
        for end in (spec.low, spec.high):
            whole, part = divmod(end, scale.get(spec.unit, 1))
            typed = f"{whole},{part:02}" if part else f"{whole}"
            assert parse_setting(spec, typed) == end, spec.name
        with pytest.raises(InvalidSetting):
            parse_setting(spec, str(spec.high // scale.get(spec.unit, 1) + 1))
        tried += 1
    assert tried > 20
