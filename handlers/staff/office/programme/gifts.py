"""The list of gifts that points are exchanged for: adding one by title and price, taking one away."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.domain.points import parse_points
from core.domain.settings import plain
from handlers.callbacks import OnProgramme
from handlers.parse import parse_name
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.keyboards import button, inline
from handlers.staff.office.parts import back_to
from handlers.staff.office.programme import screens
from handlers.staff.office.programme.saving import propose
from handlers.staff.states import Setting
from handlers.ui import Screen

NAME = "gifts"
GIFTS = OnProgramme(do="gifts")
MOST = screens.SPECS[NAME].high or 0


def build() -> Router:
    router = Router(name="staff-office-programme-gifts")
    press = router.callback_query.register
    press(gifts, OnProgramme.filter(F.do == "gifts"))
    press(ask_title, OnProgramme.filter(F.do == "gift_add"))
    press(remove, OnProgramme.filter((F.do == "gift_remove") & F.word.regexp(r"^[0-9]{1,3}-[0-9]{1,18}$")))
    router.message.register(title_typed, Setting.gift_title, ANSWER)
    router.message.register(points_typed, Setting.gift_points, ANSWER)
    return router


async def gifts(press: CallbackQuery, desk: Desk) -> None:
    """The list; each gift can be taken away, which is shown before it is saved."""
    await desk.open(None)
    board = await desk.core.boards.board(desk.actor, None)
    ui, found = desk.ui, board.programme.gifts
    rows = [
        [button(ui.label("office.gifts.remove", title=gift.title), screens.at(None, "gift_remove", NAME, word))]
        for gift, word in ((gift, f"{place}-{board.version}") for place, gift in enumerate(found))
    ]
    if len(found) < MOST:
        rows.insert(0, [button(ui.label("office.gifts.add"), screens.at(None, "gift_add", NAME))])
    text = ui.text("staff/office/programme/gifts", gifts=found, kind=board.programme.kind, most=MOST)
    await desk.show(Screen(text, inline(*rows, [back_to(ui, screens.at(None, "section", word="gifts"))])))


async def ask_title(press: CallbackQuery, desk: Desk) -> None:
    """Begin a new gift: what it is."""
    await desk.core.boards.board(desk.actor, None)
    screen = Screen(desk.ui.text("staff/office/programme/gift_title"), inline([back_to(desk.ui, GIFTS)]))
    await desk.ask(Setting.gift_title, screen)


async def title_typed(message: Message, desk: Desk) -> None:
    """Its title; then its price is asked. A phone is the next customer's."""
    if await left_for_another(desk):
        return
    await desk.core.boards.board(desk.actor, None)
    title = parse_name(desk.typed)
    screen = Screen(
        desk.ui.text("staff/office/programme/gift_points", title=title), inline([back_to(desk.ui, GIFTS)])
    )
    await desk.ask(Setting.gift_points, screen, title=title)


async def points_typed(message: Message, desk: Desk) -> None:
    """Its price in points; the new list is shown before it is saved. A phone is the next customer's."""
    if await left_for_another(desk):
        return
    data = await desk.data()
    board = await desk.core.boards.board(desk.actor, None)
    gift = {"title": data["title"], "points": parse_points(desk.typed)}
    changes = {NAME: [*plain(board.programme.gifts), gift]}
    await propose(desk, None, changes, back=GIFTS)


async def remove(press: CallbackQuery, callback_data: OnProgramme, desk: Desk) -> None:
    """The list without the gift at a place in the list as it was shown."""
    place, seen = (int(part) for part in callback_data.word.split("-"))
    board = await desk.core.boards.board(desk.actor, None)
    shown = plain(board.programme.gifts)
    if place >= len(shown) or seen != board.version:
        await desk.say("staff/office/programme/gone")
        return
    await propose(desk, None, {NAME: shown[:place] + shown[place + 1 :]}, back=GIFTS)
