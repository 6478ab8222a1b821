"""What people read, whatever the code does: short enough for an alert, without tags where tags can't be."""

import ast
import inspect
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.domain import errors
from handlers.input_error import Reason
from handlers.rendering import Renderer
from handlers.ui import ALERT_LENGTH
from sms.parts import count_parts, make_plain
from tests.bots.world import TEMPLATES

RENDERER = Renderer(TEMPLATES)
LANGUAGES = ["ru", "en"]
_TITLE = {"ru": "Название", "en": "Name"}
_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
MOST = {
    "tries_left": 2,
    "wait_s": 179,
    "days": 7,
    "minutes": 1440,
    "number": "12345678901234567890",
    "typed": False,
    "phone": "79161234567",
    "limit": 1234567_89,
    "wanted": 1,
    "step": 100,
    "low": 1,
    "high": 100_000_000_00,
    "name": "language",
    "role": "owner",
    "customer_id": 1,
    "sale": None,
    "digits": "12345678901234567890",
    "left": 100_000_000_00,
    "rest": 100_000_000_00,
    "money": True,
    "title": "Кофе с молоком " * 4,
    "stars": 5,
    "most": 100_000,
    "status": "waiting",
    "what": "article",
    "count": 12,
    "available": 1234567_89,
    "subtotal": 100_000_000_00,
    "at": _AT,
    "time_zone": "Europe/Moscow",
    "adding": {"effect": "add", "trigger": "absent", "threshold": 90, "percent": 0, "name": "Потерянные"},
    "removing": {"effect": "remove", "trigger": "absent", "threshold": 90, "percent": 0, "name": "Потерянные"},
}
VARIANTS = {
    "file_refused": [
        {
            "reason": reason,
            "megabytes": 20,
            "rows": 100_000,
            "row": 99_999,
            "missing": [_TITLE, _TITLE],
            "found": ["x"],
        }
        for reason in [
            "too_heavy",
            "too_many_rows",
            "too_dense",
            "old_excel",
            "encoding",
            "quotes",
            "empty",
            "no_columns",
            "repeated_column",
            "gone",
            "damaged",
        ]
    ],
    "already_decided": [{"status": status} for status in ("waiting", "given", "done", "refused")],
    "product_taken": [{"what": what} for what in ("article", "name")],
    "category_in_use": [{"count": count} for count in (0, 1, 5)],
    "invalid_offer": [
        {"reason": reason}
        for reason in [
            "name",
            "factor",
            "points",
            "percent",
            "amount",
            "minimum",
            "dates",
            "dates_format",
            "hours",
            "limit",
            "count",
            "code",
            "code_taken",
            "product",
            "no_points",
        ]
    ],
    "coupon_refused": [
        {
            "reason": reason,
            "limit": limit,
            "tz": "Europe/Moscow",
            "starts_at": _AT,
            "ends_at": _AT,
            "min_purchase": 1,
        }
        for limit in (1, 5)
        for reason in [
            "unknown",
            "off",
            "planned",
            "ended",
            "used_up",
            "used",
            "minimum",
            "elsewhere",
            "lines",
            "no_points",
            "programme_off",
            "less",
        ]
    ],
    "shown_code_stale": [{"typed": True}, {"typed": False}],
    "code_limit": [{"scope": scope} for scope in ("phone", "landline", "member", "merchant")],
    "invalid_amount": [
        {"reason": "format"},
        {"reason": "bounds"},
        {"reason": "points", "low": 1_00, "high": 300_00},
        {"reason": "points", "low": 1, "high": 1},
    ],
    "purchase_closed": [{"status": "completed"}, {"status": "cancelled"}],
    "points_not_enough": [{"limit": 0}, {"limit": 1_00}, {"limit": 1234567_89, "step": 1}],
    "customer_unknown": [{"phone": None}, {}],
    "refund_above_rest": [{"left": 0}, {}],
    "payment_stale": [{"rest": 0}, {}],
    "payment_too_much": [{"rest": 0}, {}],
    "metric_locked": [{"money": True}, {"money": False}],
    "code_exhausted": [{"wait_s": 0}, {}],
    "nobody_to_confirm": [{"limit": 0}, {}],
    "input_no_letter": [{"typed": "0"}, {"typed": "1" * 32}],
    "code_wrong": [{"tries_left": tries} for tries in (1, 2, 5)],
}
CODES = sorted(
    [
        error.code
        for _, error in inspect.getmembers(errors, inspect.isclass)
        if error.__base__ is errors.LoyaltyError
    ]
    + [f"input_{reason.value}" for reason in Reason]
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_a_refusal_fits_an_alert(language: str, code: str) -> None:
    for variant in VARIANTS.get(code, [{}]):
        text = RENDERER.sms(language, f"errors/{code}", **(MOST | variant))
        assert 0 < len(text) <= ALERT_LENGTH, text
        assert "<" not in text
        assert text[0].isupper()
        assert text[-1] in ".!?", text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_press_is_answered_fits_an_alert(language: str) -> None:
    assert len(RENDERER.sms(language, "customer/stale")) <= ALERT_LENGTH


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("merchant", ["", "Кофейня «Копилка»", "Coffee", "Н" * 64])
@pytest.mark.parametrize("code", ["123", "12345678"])
def test_a_code_is_one_sms(language: str, merchant: str, code: str) -> None:
    register = make_plain(RENDERER.sms(language, "sms/code_register", code=code, merchant=merchant))
    redeem = make_plain(
        RENDERER.sms(language, "sms/code_redeem", code=code, points=12345_00, subtotal=99999_00, currency="RUB")
    )
    told = RENDERER.sms(language, "sms/code_register", code=code, merchant=merchant, at_till=True)
    for text in (register, redeem, make_plain(told)):
        assert code in text
        assert count_parts(text).parts == 1, text


@pytest.mark.parametrize("merchant", ["", "Кофейня «Копилка»"])
def test_a_link_is_two_sms_at_most(merchant: str) -> None:
    link = f"https://t.me/{'b' * 32}?start=reg_{'x' * 22}"
    text = make_plain(RENDERER.sms("ru", "sms/registration_link", link=link, merchant=merchant))
    assert text.endswith(f": {link}")
    assert count_parts(text).parts == 2


def test_every_sentence_of_the_customer_bot_is_said_somewhere() -> None:
    """A template that no code names is dead, one that is named and not there is a hole."""
    code = Path(__file__).parents[2] / "handlers" / "customer"
    named = {
        node.value
        for path in code.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("customer/")
    }
    there = {f"customer/{path.stem}" for path in (TEMPLATES / "ru" / "customer").glob("*.j2")}
    assert named == there
