"""What staff members are told of themselves and of each other: in the staff bot, in their own language."""

from datetime import datetime
from typing import Any

from core.domain.people import Role
from core.store import branches as branch_rows
from core.store import identities, outbox, programmes
from core.telling import to_member

PRIORITY_STAFF = 20


async def tell_changed(member_id: int, role: Role, branch_id: int, now: datetime) -> None:
    """Tell a member what they are from now on; their next /start brings the menu of it."""
    data = {"role": role.value, "branch_name": await _branch(branch_id)}
    key = f"role:{member_id}:{role.value}:{branch_id}:{now.isoformat()}"
    await _tell(member_id, "notice/role_changed", key, data, now)


async def tell_joined(
    inviter_id: int | None, member_id: int, name: str, role: str, branch_id: int, now: datetime
) -> None:
    """Tell whoever invited that the invitation was used, and by whom.

    Whoever invites by the command line (``inviter_id`` None) has no chat with the bot, and reads of it in the log.
    """
    if inviter_id is None:
        return
    data = {"member_id": member_id, "name": name, "role": role, "branch_name": await _branch(branch_id)}
    await _tell(inviter_id, "notice/member_joined", f"joined:{member_id}", data, now)


async def tell_dismissed(member_id: int, branch_id: int, now: datetime) -> None:
    """Tell somebody that their access has ended."""
    merchant = (await programmes.in_force()).programme.name
    data = {"merchant": merchant, "branch_name": await _branch(branch_id)}
    await _tell(member_id, "notice/access_ended", f"dismissed:{member_id}", data, now)


async def _branch(branch_id: int) -> str:
    found = await branch_rows.get(branch_id)
    if found is None:
        raise LookupError("a member's branch is there")
    return found.name


async def _tell(member_id: int, template: str, key: str, data: dict[str, Any], now: datetime) -> None:
    """In the caller's transaction; nothing to somebody without an account."""
    account = await identities.account_of(member_id)
    if account is None:
        return
    draft = to_member(member_id, account, template=template, dedupe_key=key, priority=PRIORITY_STAFF, data=data)
    await outbox.enqueue([draft], now)
