"""What the outbox tells people: the template's text, and the buttons that belong to it."""

from datetime import datetime
from typing import Any

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from core.reviews import MOST_STARS
from handlers.callbacks import (
    Confirm,
    ConfirmGift,
    Go,
    OnCards,
    OnFiles,
    OnHeld,
    OnImport,
    OnManual,
    OnOffice,
    OnOwnReview,
    OnReview,
    OnSms,
    OnTeam,
)
from handlers.ui import Screen, Ui

Rows = list[list[InlineKeyboardButton]]


def notice(ui: Ui, template: str, data: dict[str, Any]) -> Screen:
    """The screen of an outbox message; moments in ``data`` are ISO strings in keys that end in _at."""
    return Screen(ui.text(template, **readable(data)), _keyboard(ui, template, data))


def readable(data: dict[str, Any]) -> dict[str, Any]:
    """A message's data as templates take it: moments are ISO strings in keys that end in _at, in its parts too."""
    return {key: _readable(key, value) for key, value in data.items()}


def _readable(key: str, value: Any) -> Any:
    if isinstance(value, list):
        return [readable(each) if isinstance(each, dict) else each for each in value]
    is_moment = key.endswith("_at") and isinstance(value, str)
    return datetime.fromisoformat(value) if is_moment else value


def _keyboard(ui: Ui, template: str, data: dict[str, Any]) -> InlineKeyboardMarkup | None:
    keys = _for_customers(ui, template, data) or _for_staff(ui, template, data) or _for_jobs(ui, template, data)
    return InlineKeyboardMarkup(inline_keyboard=keys) if keys else None


def _for_customers(ui: Ui, template: str, data: dict[str, Any]) -> Rows:
    if template == "notice/confirm_redemption":
        asked = {"purchase_id": data["purchase_id"], "hold_id": data["hold_id"]}
        yes = _button(ui, "redemption.confirm", Confirm(**asked, yes=True))
        no = _button(ui, "redemption.decline", Confirm(**asked, yes=False))
        return [[yes, no]]
    if template == "notice/confirm_gift":
        answers = (("gift.confirm", True), ("redemption.decline", False))
        return [
            [_button(ui, label, ConfirmGift(exchange_id=data["exchange_id"], yes=yes)) for label, yes in answers]
        ]
    if template in ("notice/sms_failed", "notice/sms_unknown") and data.get("bot") == "customer":
        again = _button(ui, "registration.resend", Go(to="resend"))
        other = _button(ui, "registration.change_phone", Go(to="change_phone"))
        return [[again], [other]]
    if template == "notice/review":
        return [stars(ui, data["purchase_id"])]
    return []


def _for_staff(ui: Ui, template: str, data: dict[str, Any]) -> Rows:
    if template == "notice/alert_codes_not_entered" and not data["over"]:
        resume = OnSms(do="resume", word=data["which"])
        return [[_button(ui, f"office.messages.resume_{resume.word}", resume)]]
    if template == "notice/review_low":
        ways = ("answer", "open")
        return [[_button(ui, f"office.reviews.{do}", OnReview(do=do, id=data["purchase_id"])) for do in ways]]
    if template == "notice/manual_asked":
        ways = ("yes", "no")
        return [[_button(ui, f"manual.{do}", OnManual(do=do, id=data["manual_id"])) for do in ways]]
    if template == "notice/member_joined":
        return [[_button(ui, "team.look", OnTeam(do="member", id=data["member_id"]))]]
    if template == "notice/held":
        return [[_button(ui, "office.held.look", OnHeld(do="list"))]]
    return []


def _for_jobs(ui: Ui, template: str, data: dict[str, Any]) -> Rows:
    """Under the message of a job, once it has ended."""
    if data.get("state") in (None, "queued", "running"):
        return []
    if template == "staff/office/imports/loading":
        return _after_import(ui, data)
    if template == "notice/cards_loaded":
        return [[_button(ui, "common.back", OnCards(do="menu"))]]
    if template == "notice/exported":
        take = [_button(ui, "office.files.download", OnFiles(do="download", id=data["job_id"]))]
        back = [_button(ui, "common.back", OnFiles(do="menu"))]
        return [take, back] if data["state"] == "done" else [back]
    return []


def stars(ui: Ui, purchase_id: int) -> list[InlineKeyboardButton]:
    """One to five stars for a purchase."""
    return [
        InlineKeyboardButton(
            text=ui.label("review.stars", stars=number),
            callback_data=OnOwnReview(do="rate", id=purchase_id, stars=number).pack(),
        )
        for number in range(1, MOST_STARS + 1)
    ]


def _after_import(ui: Ui, data: dict[str, Any]) -> Rows:
    """What wrong rows there are, the next file, and the way back."""
    wrong = (data["it"] or {}).get("wrong")
    errors = [_button(ui, "imports.errors", OnImport(do="errors", id=data["file_id"]))]
    other = [_button(ui, "imports.other", OnImport(do="ask", kind=data["kind"]))]
    office = [_button(ui, "common.back", OnOffice(do="menu"))]
    return [errors, other, office] if wrong else [other, office]


def _button(ui: Ui, label: str, data: CallbackData) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=ui.label(label), callback_data=data.pack())
