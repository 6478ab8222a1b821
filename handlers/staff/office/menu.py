"""«⚙️ Управление» (/admin): the list of areas that a manager or the owner sees to.

To add an area
1. write ``handlers/staff/office/<area>.py`` (or a package) with ``build(renderer) -> Router``; its buttons'
   ``CallbackData`` stand in ``handlers/callbacks.py`` with a prefix of their own and ``do`` as the first field,
   its texts in ``templates/<language>/staff/office/<area>/``, its words in ``labels.toml`` (``[office.<area>]``);
2. add its row to ``AREAS`` below: the key of its word in ``[manage]``, what its button carries, how it is built
   (and ``role=Role.OWNER`` for what only the owner sees). Menu and routing come from the row;
3. end its first screen with ``parts.to_menu(ui)``, and give each handler a row in
   ``tests/bots/authorisation_table.py``. Managers and the owner alone come in; the branch is the core's to check.
"""

from collections.abc import Callable
from dataclasses import dataclass

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, Message

from core.actors import StaffActor
from core.domain.people import Role
from handlers.callbacks import (
    OnBranch,
    OnCampaign,
    OnCards,
    OnFiles,
    OnHeld,
    OnLevel,
    OnLog,
    OnManual,
    OnOffer,
    OnOffice,
    OnPeople,
    OnProduct,
    OnProgramme,
    OnReview,
    OnRule,
    OnSms,
    OnTeam,
    OnText,
)
from handlers.rendering import Renderer
from handlers.staff import team
from handlers.staff.desk import Desk
from handlers.staff.keyboards import button, inline
from handlers.staff.office import (
    branches,
    by_hand,
    campaigns,
    cards,
    catalogue,
    files,
    held,
    journal,
    levels,
    messages,
    offers,
    people,
    programme,
    reviews,
    rules,
    texts,
)
from handlers.ui import Screen, Ui

IN_A_ROW = 2


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the office: its word (``manage.<word>``), its button, its router, who sees it."""

    word: str
    opens: CallbackData
    build: Callable[[Renderer], Router]
    role: Role = Role.MANAGER


AREAS: tuple[Area, ...] = (
    Area("programme", OnProgramme(do="open"), programme.build),
    Area("levels", OnLevel(do="list"), levels.build, Role.OWNER),
    Area("rules", OnRule(do="list"), rules.build, Role.OWNER),
    Area("promotions", OnOffer(do="list", word="promotion"), offers.build),
    Area("catalogue", OnProduct(do="list"), catalogue.build),
    Area("cards", OnCards(do="menu"), cards.build),
    Area("customers", OnPeople(do="list", word="new"), people.build),
    Area("campaigns", OnCampaign(do="list"), campaigns.build),
    Area("reviews", OnReview(do="board"), reviews.build),
    Area("branches", OnBranch(do="list"), branches.build, Role.OWNER),
    Area("files", OnFiles(do="menu"), files.build),
    Area("texts", OnText(do="open"), texts.build, Role.OWNER),
    Area("messages", OnSms(do="open"), messages.build, Role.OWNER),
    Area("staff", OnTeam(do="list"), team.build),
    Area("held", OnHeld(do="list"), held.build),
    Area("by_hand", OnManual(do="list"), by_hand.build),
    Area("audit", OnLog(do="list"), journal.build),
)  # fmt: skip
"""The menu, in this order."""


def register(router: Router, renderer: Renderer) -> None:
    """The ways into the menu."""
    router.message.register(opened, Command("admin"))
    router.message.register(opened, F.text.in_(renderer.labels("staff_menu.manage")))
    router.callback_query.register(back, OnOffice.filter(F.do == "menu"))


def menu_screen(ui: Ui, actor: StaffActor) -> Screen:
    """The areas that the actor may see, two in a row."""
    keys = [
        button(ui.label(f"manage.{area.word}"), area.opens) for area in AREAS if actor.role.rank >= area.role.rank
    ]
    rows = [keys[start : start + IN_A_ROW] for start in range(0, len(keys), IN_A_ROW)]
    everywhere = actor.role is Role.OWNER
    return Screen(ui.text("staff/office/menu", branch=None if everywhere else actor.branch_name), inline(*rows))


async def opened(message: Message, desk: Desk) -> None:
    """The menu as a new message; whatever was asked is left."""
    await desk.open(None)
    await desk.show(menu_screen(desk.ui, desk.actor))


async def back(press: CallbackQuery, desk: Desk) -> None:
    """The menu in place of an area's screen."""
    await desk.open(None)
    await desk.show(menu_screen(desk.ui, desk.actor))
