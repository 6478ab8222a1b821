"""Whom a campaign is for: a screen for each condition, and after each press how many there are."""

import re

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.campaign_views import CampaignView
from core.domain.amounts import parse_hundredths
from core.domain.campaigns import SpanUnclear
from core.domain.errors import InvalidAmount
from core.domain.people import Role
from core.domain.segments import BOUNDS, NAMES, SCORES, Span
from core.segments import Choice
from handlers.callbacks import OnCampaign
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.keyboards import Button, button, inline
from handlers.staff.office import parts
from handlers.staff.office.campaigns import screens
from handlers.staff.office.campaigns.words import choice_words, condition_words, span_words, value_words
from handlers.staff.states import Campaigning
from handlers.ui import Screen, Ui

SPANS: dict[str, tuple[Span, ...]] = {
    "bought": (Span(0, 30), Span(31, 60), Span(61, 90), Span(91, 180), Span(181, None)),
    "purchases": (Span(0, 0), Span(1, 1), Span(2, 4), Span(5, 9), Span(10, None)),
    "sold": (Span(None, 1_000_00), Span(1_000_00, 5_000_00), Span(5_000_00, 20_000_00), Span(20_000_00, None)),
    "balance": (Span(0, 0), Span(1_00, 100_00), Span(100_00, 500_00), Span(500_00, None)),
}
"""What can be pressed; anything else is typed."""
CHOICES = ("levels", "classes", "categories", "branches", "birthday_months", "languages")
PARTS = ("recency", "frequency", "money")
IN_A_ROW = 3
_NUMBER = r"[0-9][0-9 ]*(?:[.,][0-9]{1,2})?"
_RANGE = re.compile(rf"(?:(?:от|from) ?)?(?P<low>{_NUMBER}) ?(?:-|–|—|до|to) ?(?P<high>{_NUMBER})")
_FROM = re.compile(rf"(?:от|from) ?(?P<a>{_NUMBER})|(?P<b>{_NUMBER}) ?\+")
_TO = re.compile(rf"(?:до|to) ?(?P<high>{_NUMBER})")


def build() -> Router:
    router = Router(name="staff-office-campaigns-segment")
    press = router.callback_query.register
    press(opened, OnCampaign.filter(F.do == "segment"))
    press(condition, OnCampaign.filter((F.do == "if") & F.word.in_(set(NAMES))))
    press(picked, OnCampaign.filter((F.do == "pick") & F.word.in_(set(CHOICES))))
    press(spanned, OnCampaign.filter((F.do == "span") & F.word.in_(set(SPANS))))
    press(telegram, OnCampaign.filter((F.do == "has") & F.n.in_({0, 1})))
    press(scored, OnCampaign.filter((F.do == "cell") & F.word.in_(set(PARTS)) & F.n.in_(set(SCORES))))
    press(cleared, OnCampaign.filter((F.do == "clear") & F.word.in_(set(NAMES))))
    router.message.register(span_typed, Campaigning.span, ANSWER)
    return router


async def opened(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    await desk.open(None)
    view = await desk.core.campaigns.look(desk.actor, callback_data.id)
    await desk.show(segment_screen(desk.ui, view, whole=desk.actor.role is Role.OWNER))


async def condition(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    await _show(desk, await desk.core.campaigns.look(desk.actor, callback_data.id), callback_data.word)


async def picked(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    word = callback_data.word
    await _show(desk, await desk.core.segments.toggle(desk.actor, callback_data.id, word, callback_data.n), word)


async def spanned(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    """A span of those offered; a number of another release leaves the condition as it is."""
    word, offered = callback_data.word, SPANS[callback_data.word]
    if callback_data.n >= len(offered):
        await _show(desk, await desk.core.campaigns.look(desk.actor, callback_data.id), word)
        return
    span = offered[callback_data.n]
    view = await desk.core.segments.set_condition(desk.actor, callback_data.id, word, span)
    await desk.show(segment_screen(desk.ui, view, whole=desk.actor.role is Role.OWNER))
    await desk.open(None)


async def span_typed(message: Message, desk: Desk) -> None:
    """A span in words, as the question shows."""
    data = await desk.data()
    span = parse_span(desk.typed, data["name"])
    view = await desk.core.segments.set_condition(desk.actor, data["campaign_id"], data["name"], span)
    await desk.show(segment_screen(desk.ui, view, whole=desk.actor.role is Role.OWNER))
    await desk.open(None)


async def telegram(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    wanted = bool(callback_data.n)
    view = await desk.core.segments.set_condition(desk.actor, callback_data.id, "telegram", wanted)
    await desk.show(segment_screen(desk.ui, view, whole=desk.actor.role is Role.OWNER))


async def scored(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    view = await desk.core.segments.toggle_score(desk.actor, callback_data.id, callback_data.word, callback_data.n)
    await _show(desk, view, "rfm")


async def cleared(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    view = await desk.core.segments.set_condition(desk.actor, callback_data.id, callback_data.word, None)
    await desk.show(segment_screen(desk.ui, view, whole=desk.actor.role is Role.OWNER))
    await desk.open(None)


async def _show(desk: Desk, view: CampaignView, name: str) -> None:
    """One condition's screen; where it can be typed, the next message is taken for it."""
    choices = await desk.core.segments.choices(desk.actor, name) if name in CHOICES else []
    screen = condition_screen(desk.ui, view, name, choices)
    if name in SPANS:
        await desk.ask(Campaigning.span, screen, campaign_id=view.row.id, name=name)
    else:
        await desk.open(None)
        await desk.show(screen)


def segment_screen(ui: Ui, view: CampaignView, *, whole: bool) -> Screen:
    """All conditions; those that are set are ticked. ``whole``: the merchant's customers, not a branch's."""
    named = [name for name in NAMES if whole or name != "branches"]
    keys = [_condition_key(ui, view, name) for name in named]
    rows = [keys[start : start + 2] for start in range(0, len(keys), 2)]
    text = ui.text(f"{screens.AREA}/segment", view=view, conditions=condition_words(ui, view), name=None)
    return Screen(text, inline(*rows, [screens.back(ui, view.row.id)]))


def _condition_key(ui: Ui, view: CampaignView, name: str) -> Button:
    ticked = name in view.segment.conditions
    word = ui.label(f"office.campaigns.if.{name}")
    label = ui.label("office.campaigns.ticked", word=word) if ticked else word
    return button(label, OnCampaign(do="if", id=view.row.id, word=name))


def condition_screen(ui: Ui, view: CampaignView, name: str, choices: list[Choice]) -> Screen:
    """One condition with what can be pressed."""
    value = getattr(view.segment, name)
    text = ui.text(
        f"{screens.AREA}/segment",
        view=view,
        conditions=[],
        name=name,
        word=ui.label(f"office.campaigns.if.{name}"),
        value=value_words(ui, name, value, view) if name in view.segment.conditions else None,
        choices=len(choices),
        much=view.segment.rfm.much if view.segment.rfm is not None else None,
    )
    given = {"id": view.row.id, "word": name}
    clear = [button(ui.label("office.campaigns.clear"), OnCampaign(do="clear", **given))]
    last = [parts.back_to(ui, OnCampaign(do="segment", id=view.row.id))]
    rows = _keys(ui, view, name, choices)
    return Screen(text, inline(*rows, clear if name in view.segment.conditions else [], last))


def _keys(ui: Ui, view: CampaignView, name: str, choices: list[Choice]) -> list[list[Button]]:
    campaign_id = view.row.id
    if name in SPANS:
        return [
            [
                button(
                    _ticked(ui, span_words(ui, name, span, view), getattr(view.segment, name) == span),
                    OnCampaign(do="span", id=campaign_id, word=name, n=n),
                )
            ]
            for n, span in enumerate(SPANS[name])
        ]
    if name == "telegram":
        return [
            [screens.key(ui, "has", campaign_id, f"telegram.{word}", n=n) for word, n in (("yes", 1), ("no", 0))]
        ]
    if name == "rfm":
        return [[_score(ui, view, part, score) for score in SCORES] for part in PARTS]
    chosen = getattr(view.segment, name)
    keys = [
        button(
            _ticked(ui, choice_words(ui, name, each.value, view), each.value in chosen),
            OnCampaign(do="pick", id=campaign_id, word=name, n=each.key),
        )
        for each in choices
    ]
    width = IN_A_ROW if name == "birthday_months" else 2
    return [keys[start : start + width] for start in range(0, len(keys), width)]


def _score(ui: Ui, view: CampaignView, part: str, score: int) -> Button:
    rfm = view.segment.rfm
    word = ui.label(f"office.campaigns.{part}.{score}")
    ticked = rfm is not None and score in getattr(rfm, part)
    return button(_ticked(ui, word, ticked), OnCampaign(do="cell", id=view.row.id, word=part, n=score))


def _ticked(ui: Ui, word: str, ticked: bool) -> str:
    return ui.label("office.campaigns.ticked", word=word) if ticked else word


def parse_span(text: str, name: str) -> Span:
    """``30-90``, ``от 30 до 90``, ``30+``, ``от 30``, ``до 90``, ``5``. Raises SpanUnclear with the bounds."""
    typed = " ".join(text.lower().split())
    try:
        if found := _RANGE.fullmatch(typed):
            return Span(_number(found["low"], name), _number(found["high"], name))
        if found := _FROM.fullmatch(typed):
            return Span(_number(found["a"] or found["b"], name), None)
        if found := _TO.fullmatch(typed):
            return Span(None, _number(found["high"], name))
        only = _number(typed, name)
        return Span(only, only)
    except InvalidAmount:
        raise SpanUnclear(name=name, high=BOUNDS[name]) from None


def _number(typed: str, name: str) -> int:
    """A side of the span in its unit: hundredths for money and points, else whole."""
    in_hundredths = name in ("sold", "balance")
    high = BOUNDS[name] if in_hundredths else BOUNDS[name] * 100
    value = parse_hundredths(typed.strip(), low=0, high=high)
    if in_hundredths:
        return value
    if value % 100:
        raise InvalidAmount(reason="format", low=0, high=high)
    return value // 100
