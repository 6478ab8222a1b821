"""Screens of the team: who works here, and the steps of an invitation."""

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from core.domain.people import Role
from core.staff import Invite, Member, Opening
from handlers.callbacks import OnOffice, OnTeam
from handlers.staff.keyboards import button, inline
from handlers.ui import Screen, Ui

PAGE = 8


def role_word(ui: Ui, role: Role) -> str:
    return ui.label(f"role.{role.value}")


def members(ui: Ui, everybody: tuple[Member, ...], page: int) -> Screen:
    """A page of the team; one that is not there gives the last one."""
    last = max(0, len(everybody) - 1) // PAGE
    page = min(page, last)
    shown = everybody[page * PAGE : (page + 1) * PAGE]
    lines = [(member, role_word(ui, member.role)) for member in shown]
    dismissals = [
        [button(ui.label("team.dismiss", name=member.name), OnTeam(do="dismiss", id=member.id))]
        for member in shown
        if member.dismissible
    ]
    turns = [
        button(ui.label(f"history.{label}"), OnTeam(do="list", id=to))
        for label, to in (("newer", page - 1), ("older", page + 1))
        if 0 <= to <= last
    ]
    invite = button(ui.label("manage.invite"), OnTeam(do="invite"))
    to_menu = button(ui.label("common.back"), OnOffice(do="menu"))
    return Screen(ui.text("staff/team/members", lines=lines), inline([invite], *dismissals, turns, [to_menu]))


def roles(ui: Ui, openings: Opening) -> Screen:
    """As whom to invite; with a single branch to invite to, the next press makes the link."""
    alone = openings.branches[0][0] if len(openings.branches) == 1 else None
    rows = []
    for role in openings.roles:
        to = OnTeam(do="role" if alone is None else "branch", id=alone or 0, word=role.value)
        rows.append([button(role_word(ui, role), to)])
    return Screen(ui.text("staff/team/role"), inline(*rows, [_back(ui)]))


def branches(ui: Ui, openings: Opening, role: str) -> Screen:
    """Where the one who is invited will work."""
    rows = [[button(name, OnTeam(do="branch", id=branch, word=role))] for branch, name in openings.branches]
    return Screen(ui.text("staff/team/branch"), inline(*rows, [_back(ui)]))


def link(ui: Ui, invite: Invite, time_zone: str) -> Screen:
    """The link, to be sent on."""
    text = ui.text("staff/team/link", it=invite, role=role_word(ui, invite.role), tz=time_zone)
    return Screen(text, back(ui))


def dismissal(ui: Ui, member: Member) -> Screen:
    """The question before somebody's access ends."""
    sure = button(ui.label("team.dismiss_sure"), OnTeam(do="dismiss_sure", id=member.id))
    return Screen(ui.text("staff/team/dismiss", member=member), inline([sure], [_back(ui)]))


def back(ui: Ui) -> InlineKeyboardMarkup:
    return inline([_back(ui)])


def _back(ui: Ui) -> InlineKeyboardButton:
    return button(ui.label("common.back"), OnTeam(do="list"))
