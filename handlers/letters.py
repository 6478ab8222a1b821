"""A campaign's letters: the merchant's text with a customer's data, its button, and whether it can be sent at all.

The text is Telegram's HTML with fields in braces, by the same rules as the merchant's other texts
(``handlers/wording``). An SMS says the same without formatting, with the link under it.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from html import unescape
from typing import Any

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from core.campaign_views import Letter
from core.domain.campaigns import CAPTION_LENGTH, SMS_LENGTH, TEXT_LENGTH, CampaignLong
from core.domain.sms_parts import count_parts, make_plain
from handlers.rendering import Renderer
from handlers.ui import Screen, Ui
from handlers.wording import Problem, Told
from handlers.wording.own import Unfit

_TAG = re.compile(r"<[^<>]*>")
_LONGEST: Mapping[str, Any] = {
    "name": "Ж" * 64,
    "first_name": "Ж" * 64,
    "merchant": "Ж" * 64,
    "card": "0" * 20,
    "level": "Ж" * 32,
    "balance": 99_999_999_999,
    "worth": 99_999_999_999,
}
"""As long as what a text may say of a customer can get."""


def rules(renderer: Renderer) -> Told:
    """What a campaign's text may say."""
    return renderer.own.catalogue.messages["campaign"]


def field_words(renderer: Renderer, language: str) -> list[str]:
    """The words of the fields, as people type them in braces."""
    return [field.words[language] for field in rules(renderer).fields]


def problems(renderer: Renderer, language: str, body: str) -> tuple[Problem, ...]:
    """Everything that keeps a text from being saved."""
    return renderer.own.check(rules(renderer), "telegram", renderer.language(language), body)


def refuse_long(renderer: Renderer, body: str, *, under_picture: bool, by_sms: bool, link: str | None) -> None:
    """Raises CampaignLong for a text that may get longer than can be sent, whatever it says of a customer."""
    high = CAPTION_LENGTH if under_picture else TEXT_LENGTH
    for language in renderer.languages:
        length = _longest(renderer, body, language, "telegram")
        if length is None or length > high:
            raise CampaignLong(where="picture" if under_picture else "text", length=length, high=high)
        length = _longest(renderer, body, language, "sms") if by_sms else 0
        under = 0 if link is None else _units(link) + 1
        if length is None or length + under > SMS_LENGTH:
            raise CampaignLong(where="sms", length=None if length is None else length + under, high=SMS_LENGTH)


def _longest(renderer: Renderer, body: str, language: str, channel: str) -> int | None:
    """How long a text can get, in UTF-16 units; None for more than can be sent at all."""
    written = body if channel == "telegram" else _plain(body)
    try:
        text = _rendered(renderer, written, language, _LONGEST, channel)
    except Unfit:
        return None
    return _units(_plain(text) if channel == "telegram" else text)


def letter_screen(renderer: Renderer, letter: Letter) -> Screen:
    """The letter as Telegram shows it, without its picture. Raises what Jinja raises."""
    text = _rendered(renderer, letter.body, letter.language, letter.data, "telegram")
    if letter.button_label is None or letter.button_link is None:
        return Screen(text)
    key = InlineKeyboardButton(text=letter.button_label, url=letter.button_link)
    return Screen(text, InlineKeyboardMarkup(inline_keyboard=[[key]]))


def marked_as_test(ui: Ui, letter: Letter, screen: Screen) -> Screen:
    """A letter that staff try: headed by whose name and balance it shows. One nearly as long as Telegram takes
    leaves no room for that, and is marked by a button under it."""
    mark = ui.text("staff/office/campaigns/test_mark", number=letter.campaign_id, name=letter.data.get("name"))
    text = f"{mark}\n\n{screen.text}"
    if _units(_plain(text)) <= (CAPTION_LENGTH if letter.has_picture else TEXT_LENGTH):
        return replace(screen, text=text)
    key = InlineKeyboardButton(text=ui.label("office.campaigns.test_mark"), callback_data="test")
    rows = screen.keyboard.inline_keyboard if isinstance(screen.keyboard, InlineKeyboardMarkup) else []
    return replace(screen, keyboard=InlineKeyboardMarkup(inline_keyboard=[[key], *rows]))


def letter_sms(renderer: Renderer, letter: Letter) -> str:
    """The letter as an SMS, but for the line that the relay adds: how to refuse more of them."""
    text = _rendered(renderer, _plain(letter.body), letter.language, letter.data, "sms")
    return make_plain(_with_link(text, letter.button_link))


def sms_parts(renderer: Renderer, letter: Letter, stop_link: str) -> int:
    """How many parts the letter costs as an SMS with that line."""
    return count_parts(whole_sms(renderer, letter, stop_link)).parts


def whole_sms(renderer: Renderer, letter: Letter, stop_link: str) -> str:
    """The letter as an SMS with that line."""
    line = renderer.label(letter.language, "sms_stop.line", link=stop_link)
    return make_plain(f"{letter_sms(renderer, letter)}\n{line}")


def _rendered(renderer: Renderer, body: str, language: str, data: Mapping[str, Any], channel: str) -> str:
    return renderer.preview(rules(renderer), channel, renderer.language(language), body, dict(data))


def _plain(body: str) -> str:
    """The text without formatting."""
    return unescape(_TAG.sub("", body))


def _with_link(text: str, link: str | None) -> str:
    return text if link is None else f"{text}\n{link}"


def _units(text: str) -> int:
    """UTF-16 units, as Telegram and the networks count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
