"""What earns nothing and takes no discount: categories and products, ticked as a draft until it is saved."""

from typing import Any

from aiogram import F, Router
from aiogram.types import CallbackQuery, InlineKeyboardButton, Message

from handlers.callbacks import OnProgramme
from handlers.staff.customers import left_for_another
from handlers.staff.desk import ANSWER, Desk, is_live
from handlers.staff.keyboards import button, inline
from handlers.staff.office.parts import back_to, turns
from handlers.staff.office.programme import screens
from handlers.staff.office.programme.saving import propose
from handlers.staff.states import Setting
from handlers.ui import Screen

NAME = "exclusions"
PAGE = 8
KINDS = {"c": "category", "p": "product"}


def build() -> Router:
    router = Router(name="staff-office-programme-exclusions")
    press = router.callback_query.register
    press(opened, OnProgramme.filter(F.do == "exclusions"))
    toggled = F.word.regexp(r"^[cp][0-9]{1,18}$")
    press(toggle, OnProgramme.filter((F.do == "exclude") & toggled), Setting.exclusions, is_live)
    press(all_or_none, OnProgramme.filter(F.do.in_({"exclude_all", "exclude_none"})), Setting.exclusions, is_live)
    press(turn, OnProgramme.filter((F.do == "exclude_page") & F.word.regexp(r"^[0-9]{1,4}$")), Setting.exclusions)
    press(done, OnProgramme.filter(F.do == "excluded"), Setting.exclusions, is_live)
    press(
        opened,
        OnProgramme.filter(F.do.in_({"exclude", "exclude_all", "exclude_none", "exclude_page", "excluded"})),
    )
    router.message.register(searched, Setting.exclusions, ANSWER)
    return router


async def opened(press: CallbackQuery, desk: Desk) -> None:
    """The list as it stands now; one for the whole network."""
    board = await desk.core.boards.board(desk.actor, None)
    listed = [f"{one.kind[0]}{one.id}" for one in board.programme.exclusions]
    await _draw(desk, {"listed": listed, "all": board.programme.exclude_all, "version": board.version})


async def toggle(press: CallbackQuery, callback_data: OnProgramme, desk: Desk) -> None:
    """Tick or untick a category or a product."""
    data, word = await desk.data(), callback_data.word
    listed = [each for each in data["listed"] if each != word]
    await _draw(desk, data | {"listed": listed if word in data["listed"] else [*listed, word]})


async def all_or_none(press: CallbackQuery, callback_data: OnProgramme, desk: Desk) -> None:
    """Exclude everything, so that a few can be left in; or nothing."""
    data = await desk.data()
    await _draw(desk, data | {"all": callback_data.do == "exclude_all", "listed": []})


async def turn(press: CallbackQuery, callback_data: OnProgramme, desk: Desk) -> None:
    await _draw(desk, await desk.data() | {"page": int(callback_data.word)})


async def searched(message: Message, desk: Desk) -> None:
    """A part of a product's name, its article or barcode: what is found can be ticked."""
    if await left_for_another(desk):
        return
    data = await desk.data()
    await _draw(desk, data | {"search": desk.typed[:64], "page": 0})
    await desk.remove(data["message_id"])


async def done(press: CallbackQuery, desk: Desk) -> None:
    """The preview of the whole list."""
    data = await desk.data()
    listed = [{"kind": KINDS[each[0]], "id": int(each[1:])} for each in data["listed"]]
    changes = {NAME: listed, "exclude_all": data["all"]}
    await propose(desk, None, changes, back=screens.at(None, "look", NAME), seen=data["version"])


async def _draw(desk: Desk, data: dict[str, Any]) -> None:
    """What a search found, or else the categories and the products that are ticked."""
    ui, core, search = desk.ui, desk.core.catalogue, data.get("search", "")
    groups = await core.categories(desk.actor)
    ticked = await core.named(desk.actor, [int(each[1:]) for each in data["listed"] if each[0] == "p"])
    if search:
        found = await core.shelf(desk.actor, 0, PAGE, search=search)
        words = [(f"p{each.id}", each.name) for each in found.products]
    else:
        words = [(f"c{each.id}", each.name) for each in groups] + [(f"p{each.id}", each.name) for each in ticked]
    pages = max(1, -(-len(words) // PAGE))
    page = min(data.get("page", 0), pages - 1)

    def key(word: str, name: str) -> list[InlineKeyboardButton]:
        mark = "out" if (word in data["listed"]) != data["all"] else "left_in"
        return [button(ui.label(f"office.exclusions.{mark}", name=name), screens.at(None, "exclude", NAME, word))]

    rows = [key(*each) for each in words[page * PAGE : (page + 1) * PAGE]]
    pager = turns(ui, page, pages, lambda to: screens.at(None, "exclude_page", NAME, str(to)))
    do = "exclude_none" if data["all"] or data["listed"] else "exclude_all"
    every = [button(ui.label(f"office.exclusions.{do}"), screens.at(None, do, NAME))]
    if do == "exclude_none" and not data["all"]:
        every.append(button(ui.label("office.exclusions.exclude_all"), screens.at(None, "exclude_all", NAME)))
    on = button(ui.label("office.pairs.done"), screens.at(None, "excluded", NAME))
    text = ui.text(
        "staff/office/programme/exclusions",
        everything=data["all"],
        search=search,
        found=len(words),
        some=bool(groups),
    )
    screen = Screen(text, inline(*rows, pager, every, [on, back_to(ui, screens.at(None, "look", NAME))]))
    kept = {name: data[name] for name in ("listed", "all", "version")}
    await desk.ask(Setting.exclusions, screen, **kept, search=search, page=page)
