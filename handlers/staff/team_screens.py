"""Screens of the team: who works here, one member, and the steps of an invitation."""

from itertools import groupby

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from core.domain.people import Role
from core.staff import Invite, Member, Opening
from core.team import OpenInvite, Profile
from handlers.callbacks import OnOffice, OnTeam
from handlers.staff.keyboards import button, inline
from handlers.ui import Screen, Ui

PAGE = 8


def role_word(ui: Ui, role: Role) -> str:
    return ui.label(f"role.{role.value}")


def members(ui: Ui, everybody: tuple[Member, ...], page: int, *, dismissed: bool = False) -> Screen:
    """A page of the team by branch, or of those who left; a page that is not there gives the last one."""
    last = max(0, len(everybody) - 1) // PAGE
    page = min(page, last)
    shown = everybody[page * PAGE : (page + 1) * PAGE]
    branches = [
        (name, [(member, role_word(ui, member.role)) for member in group])
        for name, group in groupby(shown, key=lambda member: member.branch_name)
    ]
    each = [[button(ui.label("team.member", name=one.name), OnTeam(do="member", id=one.id))] for one in shown]
    here = "gone" if dismissed else "list"
    turns = [
        button(ui.label(f"history.{label}"), OnTeam(do=here, id=to))
        for label, to in (("newer", page - 1), ("older", page + 1))
        if 0 <= to <= last
    ]
    text = ui.text("staff/team/members", branches=branches, dismissed=dismissed)
    if dismissed:
        return Screen(text, inline(*each, turns, [_back(ui)]))
    invite = button(ui.label("manage.invite"), OnTeam(do="invite"))
    more = [
        button(ui.label("team.invites"), OnTeam(do="invites")),
        button(ui.label("team.gone"), OnTeam(do="gone")),
    ]
    to_menu = button(ui.label("common.back"), OnOffice(do="menu"))
    return Screen(text, inline([invite], *each, turns, more, [to_menu]))


def profile(ui: Ui, it: Profile, time_zone: str, *, head: str | None = None) -> Screen:
    """One member with what may be done; ``head`` says what has just happened."""

    def key(do: str, word: str = "") -> InlineKeyboardButton:
        return button(ui.label(f"team.{do}"), OnTeam(do=do, id=it.member.id, word=word))

    text = ui.text("staff/team/profile", it=it, role=role_word(ui, it.member.role), tz=time_zone, head=head)
    if not it.is_active:
        again = OnTeam(do="branch", id=it.member.branch_id, word=it.member.role.value)
        rows = [[button(ui.label("team.again"), again)]] if it.member.changeable else []
        return Screen(text, inline(*rows, [button(ui.label("common.back"), OnTeam(do="gone"))]))
    changes = [key("roles")] if it.roles else []
    if it.branches:
        changes.append(key("places"))
    own = [key("phone"), key("dismiss")] if it.member.changeable else []
    return Screen(text, inline(changes, own, [_back(ui)]))


def new_roles(ui: Ui, it: Profile) -> Screen:
    """Which role a member shall have."""
    rows = [
        [button(role_word(ui, role), OnTeam(do="set_role", id=it.member.id, word=role.value))] for role in it.roles
    ]
    return Screen(ui.text("staff/team/new_role", member=it.member), inline(*rows, [_to_member(ui, it.member.id)]))


def new_branches(ui: Ui, it: Profile) -> Screen:
    """Where a member shall work."""
    rows = [
        [button(name, OnTeam(do="set_place", id=it.member.id, word=str(branch)))] for branch, name in it.branches
    ]
    text = ui.text("staff/team/new_branch", member=it.member)
    return Screen(text, inline(*rows, [_to_member(ui, it.member.id)]))


def phone(ui: Ui, it: Profile) -> Screen:
    """The question of a member's own phone."""
    return Screen(ui.text("staff/team/phone", member=it.member), inline([_to_member(ui, it.member.id)]))


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
    return Screen(text, inline([_back(ui)]))


def invitations(ui: Ui, found: tuple[OpenInvite, ...], time_zone: str) -> Screen:
    """Links that still work; those that the one who looks may end have a button."""
    lines = [(number, each, role_word(ui, each.role)) for number, each in enumerate(found, start=1)]
    rows = [
        [button(ui.label("team.withdraw", number=number, role=role), OnTeam(do="withdraw", id=each.id))]
        for number, each, role in lines
        if each.withdrawable
    ]
    return Screen(ui.text("staff/team/invites", lines=lines, tz=time_zone), inline(*rows, [_back(ui)]))


def dismissal(ui: Ui, member: Member) -> Screen:
    """The question before somebody's access ends."""
    sure = button(ui.label("team.dismiss_sure"), OnTeam(do="dismiss_sure", id=member.id))
    text = ui.text("staff/team/dismiss", member=member)
    return Screen(text, inline([sure], [_to_member(ui, member.id)]))


def after_dismissal(ui: Ui, member_id: int) -> InlineKeyboardMarkup:
    """The way to the member, who can be invited again, and to the others."""
    return inline([_to_member(ui, member_id, "team.look")], [_back(ui)])


def _to_member(ui: Ui, member_id: int, label: str = "common.back") -> InlineKeyboardButton:
    return button(ui.label(label), OnTeam(do="member", id=member_id))


def _back(ui: Ui) -> InlineKeyboardButton:
    return button(ui.label("common.back"), OnTeam(do="list"))
