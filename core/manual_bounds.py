"""How many points by hand: the bounds of them all, what is there to take, and who may give how many alone."""

from datetime import datetime
from typing import Any

from core.actors import StaffActor
from core.domain.account import Account
from core.domain.errors import BalanceTooSmall, InvalidAmount, NobodyToConfirm
from core.domain.people import Right, Role
from core.domain.points import MAX_POINTS
from core.domain.programme import Programme
from core.store import holds, ledger, staff
from core.store.customers import CustomerRow

DECIDERS = [role.value for role in Role if role.may(Right.GIVE_POINTS)]


async def refuse_out_of_bounds(customer: CustomerRow, points: int, programme: Programme, now: datetime) -> None:
    """Raises InvalidAmount, BalanceTooSmall for what nobody may give or take (hundredths)."""
    if not 1 <= abs(points) <= MAX_POINTS or points % programme.step:
        raise InvalidAmount(reason="bounds", low=programme.step, high=MAX_POINTS)
    if points < 0:
        await refuse_above_balance(customer, points, now)


async def refuse_above_balance(
    customer: CustomerRow, points: int, now: datetime, account: Account | None = None
) -> None:
    """Only what is there, and kept for no purchase, can be taken. Raises BalanceTooSmall."""
    if account is None:
        account = await ledger.load_account(customer.id, customer.debt, locked=False)
    available = max(0, account.active(now) - await holds.held(customer.id, now))
    if -points > available:
        raise BalanceTooSmall(available=available, wanted=-points)


def alone_up_to(actor: StaffActor, programme: Programme) -> int:
    """How many points (hundredths) the actor may give or take without a second person."""
    return programme.manual_limit if actor.role.may(Right.GIVE_POINTS) else 0


async def deciders(actor: StaffActor, customer_id: int, branch_id: int, alone: int) -> list[dict[str, Any]]:
    """Who may decide on what the actor asks: never who asked, never the customer. Raises NobodyToConfirm."""
    people = [
        each
        for each in await staff.to_tell(branch_id, DECIDERS)
        if each["id"] != actor.id and customer_id not in (each["own_by_account"], each["own_by_phone"])
    ]
    if not people:
        raise NobodyToConfirm(limit=alone)
    return people
