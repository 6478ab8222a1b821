"""The renderer: escaping, tidying, languages, and how numbers, dates and phones look."""

import tomllib
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from handlers.rendering import Renderer

from .test_same_in_every_language import ROOT

NBSP = "\u00a0"
FORMATS = Renderer(ROOT).formats("ru")


class At:
    def __init__(self, now):
        self._now = now

    def now(self):
        return self._now


@pytest.fixture(scope="module")
def real():
    return Renderer(ROOT)


@pytest.fixture
def make(tmp_path):
    def build(source, /, name="staff/x", **options):
        for language in ("ru", "en"):
            path = tmp_path / language / f"{name}.j2"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source if isinstance(source, str) else source[language], "utf-8")
            (tmp_path / language / "labels.toml").write_bytes((ROOT / language / "labels.toml").read_bytes())
        return Renderer(tmp_path, **options)

    return build


def test_what_people_wrote_is_escaped_in_messages_and_plain_in_sms(make):
    renderer = make("<b>{{ name }}</b>")
    evil = "<i>{{7*7}}</i> & \"'"
    assert renderer.text("ru", "staff/x", name=evil) == "<b>&lt;i&gt;{{7*7}}&lt;/i&gt; &amp; &#34;&#39;</b>"
    assert renderer.sms("ru", "staff/x", name=evil) == f"<b>{evil}</b>"


def test_blank_lines_and_edges_are_tidied(make):
    renderer = make("\n\n  a  \n\n\n\n{% if no %}\nx\n{% endif %}\nb\t\n\n\n")
    assert renderer.text("ru", "staff/x", no=False) == "a\n\nb"


def test_an_unknown_variable_is_an_error_not_a_hole(make):
    with pytest.raises(UndefinedError):
        make("{{ missing }}").text("ru", "staff/x")


def test_labels_can_be_named_in_templates(make):
    renderer = make("{{ label('menu.card') }}, {{ label('sale.accrue', points='75') }}")
    assert renderer.text("ru", "staff/x") == "💳 Карта, ✅ Начислить 75"
    assert renderer.text("en", "staff/x") == "💳 Card, ✅ Add 75"


@pytest.mark.parametrize(
    ("tag", "wanted"),
    [("ru", "ru"), ("en", "en"), ("en-GB", "en"), ("EN_us", "en"), ("pt-br", "ru"), (None, "ru"), ("", "ru")],
)
def test_a_language_without_templates_falls_back(make, tag, wanted):
    renderer = make({"ru": "ru", "en": "en"})
    assert renderer.language(tag) == wanted
    assert renderer.text(tag, "staff/x") == wanted


def test_a_default_language_without_templates_is_refused():
    with pytest.raises(ValueError, match="xx"):
        Renderer(ROOT, default_language="xx")


def test_labels_by_key(real):
    assert real.label("ru", "menu.card") == "💳 Карта"
    assert real.label("fr", "sale.redeem", points="300") == "💸 Списать 300"
    assert real.languages == ("en", "ru")
    assert real.labels("menu.card") == {"💳 Карта", "💳 Card"}
    for call in (lambda: real.label("ru", "no.such"), lambda: real.label("ru", "points.words")):
        with pytest.raises(KeyError):
            call()


def test_no_label_uses_a_no_break_space():
    for language in ("ru", "en"):
        assert NBSP not in str(tomllib.loads((ROOT / language / "labels.toml").read_text("utf-8")))


@pytest.mark.parametrize(
    ("source", "value", "ru", "en"),
    [
        ("{{ x|money }}", 150000, "1 500,00 ₽", "1,500.00 ₽"),
        ("{{ x|money }}", 1, "0,01 ₽", "0.01 ₽"),
        ("{{ x|money }}", -150050, "−1 500,50 ₽", "−1,500.50 ₽"),
        ("{{ x|money(sign=true) }}", 500, "+5,00 ₽", "+5.00 ₽"),
        ("{{ x|money }}", 10_000_000_000_99, "10 000 000 000,99 ₽", "10,000,000,000.99 ₽"),
        ("{{ x|points }}", 30000, "300 баллов", "300 points"),
        ("{{ x|points }}", 100, "1 балл", "1 point"),
        ("{{ x|points }}", 200, "2 балла", "2 points"),
        ("{{ x|points }}", 1100, "11 баллов", "11 points"),
        ("{{ x|points }}", 2100, "21 балл", "21 points"),
        ("{{ x|points }}", 250, "2,50 балла", "2.50 points"),
        ("{{ x|points }}", 0, "0 баллов", "0 points"),
        ("{{ x|points }}", -100, "−1 балл", "−1 point"),
        ("{{ x|points(sign=true) }}", 500, "+5 баллов", "+5 points"),
        ("{{ x|points(sign=true) }}", 0, "0 баллов", "0 points"),
        ("{{ x|points }}", 150000, "1 500 баллов", "1,500 points"),
        ("{{ x|number }}", 7500, "75", "75"),
        ("{{ x|number }}", 7550, "75,50", "75.50"),
        ("{{ x|count }}", 1500, "1 500", "1,500"),
        ("{{ x|percent }}", 550, "5,5 %", "5.5%"),
        ("{{ x|percent }}", 500, "5 %", "5%"),
        ("{{ x|percent }}", 1, "0,01 %", "0.01%"),
        ("{{ x|percent }}", 10000, "100 %", "100%"),
        ("{{ x|phone }}", "79161234567", "+7 916 123-45-67", "+7 916 123-45-67"),
        ("{{ x|masked }}", "79161234567", "+7 916 ***-**-67", "+7 916 ***-**-67"),
        ("{{ x|masked }}", "375291234567", "+375 29 1**-**-67", "+375 29 1**-**-67"),
        ("{{ x|masked }}", "37251234567", "+372 51** **67", "+372 51** **67"),
        ("{{ x|duration }}", 45, "45 с", "45 s"),
        ("{{ x|duration }}", 0, "0 с", "0 s"),
        ("{{ x|duration }}", 60, "1 мин", "1 min"),
        ("{{ x|duration }}", 61, "2 мин", "2 min"),
        ("{{ x|duration }}", 3599, "1 ч", "1 h"),
        ("{{ x|duration }}", 3661, "1 ч 2 мин", "1 h 2 min"),
        ("{{ x|duration }}", 86400, "24 ч", "24 h"),
        ("{{ x|plural('visit', 'visits', 'VISITS') }}", 5, "VISITS", "visits"),
        ("{{ x|plural('visit', 'visits', 'VISITS') }}", 22, "visits", "visits"),
        ("{{ x|plural('visit', 'visits', 'VISITS') }}", 1, "visit", "visit"),
    ],
)
def test_filters(make, source, value, ru, en):
    renderer = make(source)
    for language, wanted in (("ru", ru), ("en", en)):
        assert renderer.text(language, "staff/x", x=value) == wanted.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("source", "value", "ru", "en"),
    [
        ("{{ x|money }}", 150000, "1 500 р.", "1,500 RUB"),
        ("{{ x|money }}", 150050, "1 500,50 р.", "1,500.50 RUB"),
        ("{{ x|money(sign=true) }}", -500, "-5 р.", "-5 RUB"),
        ("{{ x|points }}", 150000, "1 500 баллов", "1,500 points"),
        ("{{ x|percent }}", 550, "5,5 %", "5.5%"),
        ("{{ x|duration }}", 3661, "1 ч 2 мин", "1 h 2 min"),
        ("a\u00a0b\u202f  c {{ x }}", "d\u2009e", "a b c d e", "a b c d e"),
    ],
)
def test_sms_has_plain_spaces_and_no_empty_kopecks(make, source, value, ru, en):
    renderer = make(source)
    for language, wanted in (("ru", ru), ("en", en)):
        assert renderer.sms(language, "staff/x", x=value) == wanted


@pytest.mark.parametrize(("currency", "html", "sms"), [("KZT", "5,00 KZT", "5 KZT"), ("USD", "5,00 $", "5 USD")])
def test_other_currencies(make, currency, html, sms):
    renderer = make("{{ x|money }}", currency=currency)
    assert renderer.text("ru", "staff/x", x=500) == html.replace(" ", NBSP)
    assert renderer.sms("ru", "staff/x", x=500) == sms


AT = datetime(2026, 11, 21, 21, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("source", "now", "ru", "en"),
    [
        ("{{ at|datetime(tz) }}", AT, "22 ноября, 00:05", "November 22, 00:05"),
        ("{{ at|datetime('UTC') }}", AT, "21 ноября, 21:05", "November 21, 21:05"),
        ("{{ at|date(tz) }}", AT + timedelta(days=60), "22 ноября 2026 г.", "November 22, 2026"),
        ("{{ at|datetime(tz) }}", None, "22 ноября 2026 г., 00:05", "November 22, 2026, 00:05"),
        ("{{ at|time(tz) }}", AT, "00:05", "00:05"),
        ("{{ day|date }}", AT, "1 марта 1990 г.", "March 1, 1990"),
    ],
)
@pytest.mark.parametrize("clocked", [True, False])
def test_dates(make, source, now, ru, en, clocked):
    renderer = make(source, clock=At(now) if clocked and now else None)
    data = {"at": AT, "tz": "Europe/Moscow", "day": date(1990, 3, 1)} | (
        {"now": now} if now and not clocked else {}
    )
    for language, wanted in (("ru", ru), ("en", en)):
        assert renderer.text(language, "staff/x", **data).replace(NBSP, " ") == wanted


def test_the_year_is_that_of_the_zone(make):
    renderer = make("{{ at|date('Asia/Vladivostok') }}")
    new_year_there = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)
    assert renderer.text("ru", "staff/x", at=new_year_there, now=new_year_there) == "1 января"
    elsewhere = new_year_there.astimezone(timezone(timedelta(hours=-5)))
    assert renderer.text("ru", "staff/x", at=elsewhere, now=new_year_there) == "1 января"


def test_times_without_a_zone_are_a_mistake(make):
    naive = AT.replace(tzinfo=None)
    with pytest.raises(ValueError, match="naive"):
        make("{{ at|time('UTC') }}").text("ru", "staff/x", at=naive)
    with pytest.raises(ValueError, match="zone"):
        make("{{ at|date }}").text("ru", "staff/x", at=AT)


@given(st.integers(-(10**15), 10**15))
def test_no_kopeck_is_lost_or_made(amount):
    shown = FORMATS.money(amount)
    digits = "".join(c for c in shown if c.isdigit())
    assert int(digits) == abs(amount)
    assert shown.startswith("−") == (amount < 0)


@pytest.mark.parametrize(("name", "more"), [
    ("Скидка 300,00 ₽", False), ("скидка 300 ₽", False), ("300.00 ₽ off", False), ("300 руб", False),
    ("Скидка 10 %", True), ("Скидка 500,00 ₽", True), ("Весенняя скидка 300 ₽", True), ("Купон 300", True),
    ("Счастливые часы", True),
])  # fmt: skip
@pytest.mark.parametrize("language", ["ru", "en"])
def test_an_offers_name_is_said_where_it_says_more_than_the_sum(
    real, language: str, name: str, more: bool
) -> None:
    sale = {"branch_name": "X", "subtotal": 1000_00, "discount": 300_00, "payable": 700_00, "points": 0}
    rest = {"accrual": 0, "held": 0, "gift": 0, "repaid": 0, "balance": 0, "points_by": ""}
    text = real.text(language, "notice/receipt", **sale, **rest, discount_by=name)
    assert (f"({name})" in text) is more, text
