"""«⭐ Отзывы»: averages by branch, the reviews, and answering them."""

from datetime import datetime

from aiogram import F, Router
from aiogram.types import CallbackQuery, InlineKeyboardButton, Message

from core.domain.errors import CustomerUnreachable, ReviewAnswered
from core.domain.people import Role
from core.reviews import LONGEST, ReviewBoard, ReviewList
from core.store.reviews import ReviewRow
from handlers.callbacks import OnCustomer, OnProgramme, OnReview
from handlers.rendering import Renderer
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.keyboards import button, inline
from handlers.staff.office.parts import to_menu
from handlers.staff.states import Managing
from handlers.ui import Screen, Ui

PERIODS = (7, 30, 90, 365)
"""Days to look back over."""
USUAL = 30


def build(renderer: Renderer) -> Router:
    """The router of the area."""
    router = Router(name="staff-office-reviews")
    press = router.callback_query.register
    press(board, OnReview.filter(F.do == "board"))
    press(listed, OnReview.filter(F.do == "list"))
    press(opened, OnReview.filter(F.do == "open"))
    press(ask_answer, OnReview.filter(F.do == "answer"))
    router.message.register(answered, Managing.answer, ANSWER)
    return router


async def board(press: CallbackQuery, callback_data: OnReview, desk: Desk) -> None:
    await desk.open(None)
    days = callback_data.n if callback_data.n in PERIODS else USUAL
    asks = (await desk.core.programmes.current()).review_hours is not None
    found = await desk.core.reviews.board(desk.actor, days)
    await desk.show(board_screen(desk.ui, found, asks=asks, owner=desk.actor.role is Role.OWNER))


async def listed(press: CallbackQuery, callback_data: OnReview, desk: Desk) -> None:
    await desk.open(None)
    found = await desk.core.reviews.listed(desk.actor, low=callback_data.low, page=callback_data.n)
    await desk.show(list_screen(desk.ui, found, desk.now))


async def opened(press: CallbackQuery, callback_data: OnReview, desk: Desk) -> None:
    await desk.open(None)
    await desk.show(one_screen(desk.ui, await desk.core.reviews.look(desk.actor, callback_data.id)))


async def ask_answer(press: CallbackQuery, callback_data: OnReview, desk: Desk) -> None:
    """Ask for the answer below: what it answers stays to be read."""
    row = await desk.core.reviews.look(desk.actor, callback_data.id)
    if row.answer is not None:
        await desk.refuse(ReviewAnswered(name=row.answered_by))
        return
    back = button(desk.ui.label("common.back"), OnReview(do="open", id=row.purchase_id))
    text = desk.ui.text("staff/office/reviews/ask", it=row, longest=LONGEST)
    shown = await desk.add(Screen(text, inline([back])))
    await desk.open(Managing.answer, purchase_id=row.purchase_id, message_id=shown.message_id)


async def answered(message: Message, desk: Desk) -> None:
    """Send it; what is too long leaves the question open, what can't be answered closes it."""
    asked = await desk.data()
    try:
        row = await desk.core.reviews.answer(desk.actor, asked["purchase_id"], desk.typed.strip())
    except (ReviewAnswered, CustomerUnreachable):
        await desk.open(None)
        raise
    await desk.open(None)
    await desk.disarm(asked["message_id"])
    await desk.show(one_screen(desk.ui, row))


def board_screen(ui: Ui, it: ReviewBoard, *, asks: bool, owner: bool) -> Screen:
    """The figures; other periods, the lists, and for the owner when reviews are asked for."""
    periods = [_key(ui, "period_on" if days == it.days else "period", "board", n=days) for days in PERIODS]
    lists = [_key(ui, "newest", "list"), _key(ui, "low", "list", low=True)]
    settings = button(ui.label("office.reviews.settings"), OnProgramme(do="section", word="reminders"))
    text = ui.text("staff/office/reviews/board", it=it, asks=asks)
    return Screen(text, inline(periods, lists, [settings] if owner else [], [to_menu(ui)]))


def _key(ui: Ui, word: str, do: str, *, n: int = 0, low: bool = False) -> InlineKeyboardButton:
    return button(ui.label(f"office.reviews.{word}", days=n), OnReview(do=do, n=n, low=low))


def list_screen(ui: Ui, it: ReviewList, now: datetime) -> Screen:
    """A page of reviews, a button each."""
    formats = ui.renderer.formats(ui.language)
    rows = [
        [
            button(
                ui.label(
                    "office.reviews.row",
                    stars=row.stars,
                    name=row.customer_name or ui.label("desk.nameless"),
                    time=formats.day(row.rated_at or row.completed_at, row.time_zone, now),
                    words=" 💬" if row.words else "",
                ),
                OnReview(do="open", id=row.purchase_id),
            )
        ]
        for row in it.rows
    ]
    turns = []
    if it.page:
        turns.append(button(ui.label("history.newer"), OnReview(do="list", n=it.page - 1, low=it.low)))
    if it.has_more:
        turns.append(button(ui.label("history.older"), OnReview(do="list", n=it.page + 1, low=it.low)))
    back = button(ui.label("common.back"), OnReview(do="board"))
    return Screen(ui.text("staff/office/reviews/list", it=it), inline(*rows, turns, [back]))


def one_screen(ui: Ui, row: ReviewRow) -> Screen:
    """A review with its purchase and its answer."""
    answer = button(ui.label("office.reviews.answer"), OnReview(do="answer", id=row.purchase_id))
    customer = button(ui.label("refund.customer"), OnCustomer(do="panel", customer_id=row.customer_id))
    back = button(ui.label("common.back"), OnReview(do="list"))
    ways = [answer, customer] if row.answer is None else [customer]
    return Screen(ui.text("staff/office/reviews/one", it=row), inline(ways, [back]))
