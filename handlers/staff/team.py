"""«Сотрудники»: who works here, their roles and branches, invitations, dismissals."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.domain.people import Role
from core.domain.phone import parse_phone
from handlers.callbacks import OnTeam
from handlers.rendering import Renderer
from handlers.staff import commands, team_screens
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.states import Managing
from handlers.ui import Screen

NOBODYS = {"-", "—", "0"}
"""Typed instead of a phone to take it away."""


def build(renderer: Renderer) -> Router:
    """The router of the area."""
    router = Router(name="staff-team")
    press = router.callback_query.register
    press(members, OnTeam.filter(F.do == "list"))
    press(dismissed, OnTeam.filter(F.do == "gone"))
    press(profile, OnTeam.filter(F.do == "member"))
    press(ask_new_role, OnTeam.filter(F.do == "roles"))
    press(set_role, OnTeam.filter((F.do == "set_role") & F.word.in_(set(Role))))
    press(ask_new_branch, OnTeam.filter(F.do == "places"))
    press(set_branch, OnTeam.filter((F.do == "set_place") & F.word.regexp(r"^[0-9]{1,18}$")))
    press(ask_phone, OnTeam.filter(F.do == "phone"))
    press(ask_role, OnTeam.filter(F.do == "invite"))
    press(ask_branch, OnTeam.filter((F.do == "role") & F.word.in_(set(Role))))
    press(invite, OnTeam.filter((F.do == "branch") & F.word.in_(set(Role))))
    press(invitations, OnTeam.filter(F.do == "invites"))
    press(withdraw, OnTeam.filter(F.do == "withdraw"))
    press(ask_dismissal, OnTeam.filter(F.do == "dismiss"))
    press(dismiss, OnTeam.filter(F.do == "dismiss_sure"))
    router.message.register(phone_typed, Managing.phone, ANSWER)
    return router


async def members(press: CallbackQuery, callback_data: OnTeam, desk: Desk) -> None:
    """A page of those who work here; ``id`` is the page."""
    await desk.open(None)
    found = await desk.core.staff.members(desk.actor)
    await desk.show(team_screens.members(desk.ui, found, callback_data.id))


async def dismissed(press: CallbackQuery, callback_data: OnTeam, desk: Desk) -> None:
    """A page of those who no longer do."""
    found = await desk.core.staff.members(desk.actor, dismissed=True)
    await desk.show(team_screens.members(desk.ui, found, callback_data.id, dismissed=True))


async def profile(press: CallbackQuery, callback_data: OnTeam, desk: Desk) -> None:
    await show_profile(desk, callback_data.id)


async def show_profile(desk: Desk, member_id: int, *, head: str | None = None) -> None:
    await desk.open(None)
    found = await desk.core.team.profile(desk.actor, member_id)
    await desk.show(team_screens.profile(desk.ui, found, desk.actor.time_zone, head=head))


async def ask_new_role(press: CallbackQuery, callback_data: OnTeam, desk: Desk) -> None:
    found = await desk.core.team.profile(desk.actor, callback_data.id)
    await desk.show(team_screens.new_roles(desk.ui, found))


async def set_role(press: CallbackQuery, callback_data: OnTeam, desk: Desk) -> None:
    """The member's commands follow the role; what else it brings is there at their next press."""
    role = Role(callback_data.word)
    account = await desk.core.team.change(desk.actor, callback_data.id, role=role)
    if account is not None and role.rank >= Role.MANAGER.rank:
        await commands.offer_to_manager(press.bot, desk.ui.renderer, account, desk.ui.language)
    elif account is not None:
        await commands.withdraw(press.bot, account)
    await show_profile(desk, callback_data.id, head="changed")


async def ask_new_branch(press: CallbackQuery, callback_data: OnTeam, desk: Desk) -> None:
    found = await desk.core.team.profile(desk.actor, callback_data.id)
    await desk.show(team_screens.new_branches(desk.ui, found))


async def set_branch(press: CallbackQuery, callback_data: OnTeam, desk: Desk) -> None:
    await desk.core.team.change(desk.actor, callback_data.id, branch_id=int(callback_data.word))
    await show_profile(desk, callback_data.id, head="changed")


async def ask_phone(press: CallbackQuery, callback_data: OnTeam, desk: Desk) -> None:
    """Ask for the member's own phone, by which their own account is known."""
    found = await desk.core.team.profile(desk.actor, callback_data.id)
    await desk.ask(Managing.phone, team_screens.phone(desk.ui, found), member_id=found.member.id)


async def phone_typed(message: Message, desk: Desk) -> None:
    member_id = (await desk.data())["member_id"]
    phone = None if desk.typed.strip() in NOBODYS else parse_phone(desk.typed, desk.region)
    await desk.core.team.set_phone(desk.actor, member_id, phone)
    await show_profile(desk, member_id, head="changed")


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


async def invitations(press: CallbackQuery, desk: Desk) -> None:
    """Links that were given out and not used yet."""
    found = await desk.core.team.invitations(desk.actor)
    await desk.show(team_screens.invitations(desk.ui, found, desk.actor.time_zone))


async def withdraw(press: CallbackQuery, callback_data: OnTeam, desk: Desk) -> None:
    await desk.core.team.withdraw(desk.actor, callback_data.id)
    found = await desk.core.team.invitations(desk.actor)
    await desk.show(team_screens.invitations(desk.ui, found, desk.actor.time_zone))


async def ask_dismissal(press: CallbackQuery, callback_data: OnTeam, desk: Desk) -> None:
    """Ask again before somebody's access ends."""
    found = await desk.core.staff.members(desk.actor)
    who = next((member for member in found if member.id == callback_data.id and member.changeable), None)
    if who is None:
        await desk.say("staff/stale")
    else:
        await desk.show(team_screens.dismissal(desk.ui, who))


async def dismiss(press: CallbackQuery, callback_data: OnTeam, desk: Desk) -> None:
    account = await desk.core.staff.dismiss(desk.actor, callback_data.id)
    if account is not None:
        await commands.withdraw(press.bot, account)
    keys = team_screens.after_dismissal(desk.ui, callback_data.id)
    await desk.show(Screen(desk.ui.text("staff/team/dismissed"), keys))
