"""Managing who works here: the list, invitations, dismissals."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from core.domain.people import Role
from handlers.callbacks import OnTeam
from handlers.rendering import Renderer
from handlers.staff import commands, team_screens
from handlers.staff.desk import Desk
from handlers.ui import Screen


def build(renderer: Renderer) -> Router:
    """The router of the area."""
    router = Router(name="staff-team")
    press = router.callback_query.register
    press(members, OnTeam.filter(F.do == "list"))
    press(ask_role, OnTeam.filter(F.do == "invite"))
    press(ask_branch, OnTeam.filter((F.do == "role") & F.word.in_(set(Role))))
    press(invite, OnTeam.filter((F.do == "branch") & F.word.in_(set(Role))))
    press(ask_dismissal, OnTeam.filter(F.do == "dismiss"))
    press(dismiss, OnTeam.filter(F.do == "dismiss_sure"))
    return router


async def members(press: CallbackQuery, callback_data: OnTeam, desk: Desk) -> None:
    """A page of those who work here; ``id`` is the page."""
    found = await desk.core.staff.members(desk.actor)
    await desk.show(team_screens.members(desk.ui, found, callback_data.id))


async def ask_role(press: CallbackQuery, desk: Desk) -> None:
    openings = await desk.core.staff.openings(desk.actor)
    await desk.show(team_screens.roles(desk.ui, openings))


async def ask_branch(press: CallbackQuery, callback_data: OnTeam, desk: Desk) -> None:
    openings = await desk.core.staff.openings(desk.actor)
    await desk.show(team_screens.branches(desk.ui, openings, callback_data.word))


async def invite(press: CallbackQuery, callback_data: OnTeam, desk: Desk) -> None:
    """A link for one person."""
    made = await desk.core.staff.invite(desk.actor, Role(callback_data.word), callback_data.id)
    await desk.show(team_screens.link(desk.ui, made, desk.actor.time_zone))


async def ask_dismissal(press: CallbackQuery, callback_data: OnTeam, desk: Desk) -> None:
    """Ask again before somebody's access ends."""
    found = await desk.core.staff.members(desk.actor)
    who = next((member for member in found if member.id == callback_data.id and member.dismissible), None)
    if who is None:
        await desk.say("staff/stale")
    else:
        await desk.show(team_screens.dismissal(desk.ui, who))


async def dismiss(press: CallbackQuery, callback_data: OnTeam, desk: Desk) -> None:
    account = await desk.core.staff.dismiss(desk.actor, callback_data.id)
    if account is not None:
        await commands.withdraw(press.bot, account)
    await desk.show(Screen(desk.ui.text("staff/team/dismissed"), team_screens.back(desk.ui)))
