"""Keyboards of the customer bot."""

from collections.abc import Mapping
from urllib.parse import urlencode

from aiogram.filters.callback_data import CallbackData
from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
)

from core.referrals import Invitation
from handlers.callbacks import Go, HistoryAt, Language, Speak, Topic
from handlers.ui import Ui

SHARE = "https://t.me/share/url"


def menu(ui: Ui, referral_on: bool) -> ReplyKeyboardMarkup:
    """The menu; inviting is left out while referral is off."""
    keys = ["card", "balance", "history", *(["invite"] if referral_on else []), "settings"]
    buttons = [KeyboardButton(text=ui.label(f"menu.{key}")) for key in keys]
    rows = [buttons[at : at + 2] for at in range(0, len(buttons), 2)]
    return ReplyKeyboardMarkup(keyboard=rows, resize_keyboard=True, is_persistent=True)


def share_contact(ui: Ui) -> ReplyKeyboardMarkup:
    """One's own number by one press; and the language, for those who can't read the question."""
    number = KeyboardButton(text=ui.label("registration.share_contact"), request_contact=True)
    language = KeyboardButton(text=ui.label("registration.language"))
    return ReplyKeyboardMarkup(keyboard=[[number], [language]], resize_keyboard=True)


def languages(ui: Ui) -> InlineKeyboardMarkup:
    names = {code: ui.renderer.label(code, "language.name") for code in ui.renderer.languages}
    return InlineKeyboardMarkup(inline_keyboard=[[_key(name, Speak(code=code)) for code, name in names.items()]])


def code(ui: Ui) -> InlineKeyboardMarkup:
    """Under the question for a code from an SMS."""
    resend = _key(ui.label("registration.resend"), Go(to="resend"))
    change = _key(ui.label("registration.change_phone"), Go(to="change_phone"))
    return InlineKeyboardMarkup(inline_keyboard=[[resend], [change]])


def consent(ui: Ui, messages: bool) -> InlineKeyboardMarkup:
    """Agreeing, the terms, and the switch that shows how it stands and carries what it would become."""
    agree = _key(ui.label("registration.agree"), Go(to="agree"))
    terms = _key(ui.label("registration.terms"), Go(to="terms"))
    switch = (
        _key(ui.label("registration.messages_on"), Go(to="messages_off"))
        if messages
        else _key(ui.label("registration.messages_off"), Go(to="messages_on"))
    )
    return InlineKeyboardMarkup(inline_keyboard=[[agree], [terms, switch]])


def back_to_consent(ui: Ui) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[_key(ui.label("common.back"), Go(to="consent"))]])


def name(ui: Ui, suggested: str | None) -> InlineKeyboardMarkup:
    """One press for the name that Telegram knows, another for none."""
    rows = [[_key(ui.label("registration.my_name", name=suggested), Go(to="my_name"))]] if suggested else []
    return InlineKeyboardMarkup(inline_keyboard=[*rows, [_key(ui.label("common.skip"), Go(to="skip_name"))]])


def birthday(ui: Ui) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[_key(ui.label("common.skip"), Go(to="skip_birthday"))]])


def card(ui: Ui) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[_key(ui.label("card.refresh"), Go(to="card"))]])


def balance(ui: Ui, *, gifts: bool, offers: bool) -> InlineKeyboardMarkup | None:
    """What there is for the points, and what is on."""
    row = [_key(ui.label("gift.list"), Go(to="gifts"))] if gifts else []
    row += [_key(ui.label("office.offers.promotions"), Go(to="offers"))] if offers else []
    return InlineKeyboardMarkup(inline_keyboard=[row]) if row else None


def pages(ui: Ui, page: int, count: int) -> InlineKeyboardMarkup | None:
    """Newer to the left, older to the right; nothing for a single page."""
    row = []
    if page > 0:
        row.append(_key(ui.label("history.newer"), HistoryAt(page=page - 1)))
    if page + 1 < count:
        row.append(_key(ui.label("history.older"), HistoryAt(page=page + 1)))
    return InlineKeyboardMarkup(inline_keyboard=[row]) if row else None


def invitation(ui: Ui, it: Invitation) -> InlineKeyboardMarkup:
    """Sharing the link; and entering a friend's code, for those who still can."""
    address = f"{SHARE}?{urlencode({'url': it.link})}"
    share = InlineKeyboardButton(text=ui.label("invite.share"), url=address)
    enter = _key(ui.label("invite.enter_code"), Go(to="promo_code"))
    return InlineKeyboardMarkup(inline_keyboard=[[share], [enter]] if it.can_claim else [[share]])


def settings(ui: Ui, topics: Mapping[tuple[str, str], bool]) -> InlineKeyboardMarkup:
    """A row of switches for each topic, the languages, and one's own data."""
    rows: dict[str, list[InlineKeyboardButton]] = {}
    for (topic, channel), wanted in topics.items():
        words = {"topic": ui.label(f"topic.{topic}"), "channel": ui.label(f"channel.{channel}")}
        text = ui.label("settings.on", **words) if wanted else ui.label("settings.off", **words)
        rows.setdefault(topic, []).append(_key(text, Topic(topic=topic, channel=channel, on=not wanted)))
    languages = [_language(ui, each) for each in ui.renderer.languages]
    told = any(wanted for (topic, _), wanted in topics.items() if topic != "receipts")
    quiet = [[_key(ui.label("settings.quiet"), Go(to="quiet"))]] if told else []
    terms = _key(ui.label("registration.terms"), Go(to="my_terms"))
    phone = [_key(ui.label("settings.phone"), Go(to="new_phone")), terms]
    data = [_key(ui.label("settings.export"), Go(to="export")), _key(ui.label("settings.delete"), Go(to="delete"))]
    return InlineKeyboardMarkup(inline_keyboard=[*rows.values(), *quiet, languages, phone, data])


def back_to_settings(ui: Ui) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[_key(ui.label("common.back"), Go(to="settings"))]])


def erasure(ui: Ui) -> InlineKeyboardMarkup:
    """The second press, and the way back."""
    sure = _key(ui.label("settings.delete_sure"), Go(to="delete_sure"))
    back = _key(ui.label("common.back"), Go(to="settings"))
    return InlineKeyboardMarkup(inline_keyboard=[[back], [sure]])


def _language(ui: Ui, language: str) -> InlineKeyboardButton:
    own_name = ui.renderer.label(language, "language.name")
    text = ui.label("settings.language_chosen", name=own_name) if language == ui.language else own_name
    return _key(text, Language(code=language))


def _key(text: str, data: CallbackData) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=text, callback_data=data.pack())
