"""Which sale types earn with which payment: a grid of switches, kept as a draft until it is saved."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, InlineKeyboardButton

from core.domain.eligibility import PAYMENT_METHODS, SALE_TYPES
from handlers.callbacks import OnProgramme
from handlers.staff.desk import Desk, is_live
from handlers.staff.keyboards import button, inline
from handlers.staff.office.parts import back_to
from handlers.staff.office.programme import screens
from handlers.staff.office.programme.saving import propose
from handlers.staff.states import Setting
from handlers.ui import Screen

NAME = "eligible_pairs"
ALL = tuple(f"{sale_type}-{payment}" for sale_type in SALE_TYPES for payment in PAYMENT_METHODS)
ROWS = {f"{sale_type}-all": [each for each in ALL if each.startswith(sale_type)] for sale_type in SALE_TYPES}
WORDS = {*ALL, *ROWS, "all"}


def build() -> Router:
    router = Router(name="staff-office-programme-pairs")
    press = router.callback_query.register
    press(grid, OnProgramme.filter(F.do == "pairs"))
    press(toggle, OnProgramme.filter((F.do == "pair") & F.word.in_(WORDS)), Setting.pairs, is_live)
    press(done, OnProgramme.filter(F.do == "pairs_done"), Setting.pairs, is_live)
    press(grid, OnProgramme.filter(F.do.in_({"pair", "pairs_done"})))
    return router


async def grid(press: CallbackQuery, callback_data: OnProgramme, desk: Desk) -> None:
    """The grid as it stands now."""
    board = await desk.core.boards.board(desk.actor, callback_data.branch or None)
    pairs = board.programme.eligible_pairs
    ticked = list(ALL) if pairs is None else [f"{pair.sale_type}-{pair.payment}" for pair in pairs]
    await _draw(desk, board.branch_id, ticked, board.version)


async def toggle(press: CallbackQuery, callback_data: OnProgramme, desk: Desk) -> None:
    """Tick or untick one pair or a whole sale type, or tick all of them."""
    data = await desk.data()
    ticked = switched(data["ticked"], callback_data.word)
    await _draw(desk, data["branch"], ticked, data["version"])


def switched(ticked: list[str], word: str) -> list[str]:
    """The pairs after a press: a row that is ticked in full is unticked, any other is filled."""
    if word == "all":
        return list(ALL)
    pressed = ROWS.get(word, [word])
    adds = not set(pressed) <= set(ticked)
    return [each for each in ALL if (adds if each in pressed else each in ticked)]


async def done(press: CallbackQuery, desk: Desk) -> None:
    """The preview; every pair ticked means that all sales earn, those of tomorrow's payment methods too."""
    data = await desk.data()
    branch_id, ticked = data["branch"], data["ticked"]
    pairs = [dict(zip(("sale_type", "payment"), each.split("-"), strict=True)) for each in ticked]
    changes = {NAME: None if len(ticked) == len(ALL) else pairs}
    await propose(desk, branch_id, changes, back=screens.at(branch_id, "look", NAME), seen=data["version"])


async def _draw(desk: Desk, branch_id: int | None, ticked: list[str], version: int) -> None:
    ui = desk.ui

    def key(sale_type: str, payment: str) -> InlineKeyboardButton:
        pair = f"{sale_type}-{payment}"
        mark = "ticked" if pair in ticked else "unticked"
        label = ui.label(f"office.pairs.{mark}", word=ui.label(f"payment_method.{payment}"))
        return button(label, screens.at(branch_id, "pair", NAME, pair))

    rows = []
    for sale_type in SALE_TYPES:
        rows.append(
            [button(ui.label(f"sale_type.{sale_type}"), screens.at(branch_id, "pair", NAME, f"{sale_type}-all"))]
        )
        rows.append([key(sale_type, payment) for payment in PAYMENT_METHODS])
    every = button(ui.label("office.pairs.all"), screens.at(branch_id, "pair", NAME, "all"))
    on = button(ui.label("office.pairs.done"), screens.at(branch_id, "pairs_done", NAME))
    screen = Screen(
        ui.text("staff/office/programme/pairs", nothing=not ticked),
        inline(*rows, [every], [on, back_to(ui, screens.at(branch_id, "look", NAME))]),
    )
    await desk.ask(Setting.pairs, screen, branch=branch_id, ticked=ticked, version=version)
