"""Making a refund of a locked purchase: what it comes to, and everything that follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core import nth
from core.actors import StaffActor
from core.domain.ladder import Turnover
from core.domain.refund import Sold, Totals, Wanted, parts, totals, with_parts
from core.domain.rules import Metrics
from core.held import take_from_held
from core.referral_notices import tell_undone
from core.reversals import Reversal, earned_in, reverse
from core.sales import LockedSale
from core.standing import follow
from core.store import audit, customers, friends, ledger, postings, purchase_notes, purchases, refunds, visits
from core.store.refunds import KeptLine


@dataclass(frozen=True, slots=True)
class Plan:
    """A refund as it would be made now: ``taken`` of each line by its number, and what it comes to.

    ``from_held`` points are taken from what still waits for a manager, and are not part of the ``step``.
    """

    kept: Sequence[KeptLine]
    taken: Mapping[int, int]
    step: Totals
    is_whole: bool
    entries: Sequence[dict[str, Any]]
    from_held: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """The request that makes a refund, by its key and the hash of its inputs."""

    key: str
    inputs: str
    reason: str | None


async def plan_refund(sale: LockedSale, what: Wanted) -> Plan:
    """What a refund comes to. Raises RefundAboveRest."""
    row = sale.row
    kept = await refunds.lines_of(row.id)
    entries = await postings.entries_of(row.id)
    lines = tuple(line.sold for line in kept)
    earned = earned_in(entries) + row.waits
    sold = Sold(row.programme, row.basket, row.terms, lines, row.points, earned, row.payable, row.paid)
    taken = parts(lines, what)
    after = with_parts(lines, taken)
    step = totals(sold, after).since(await refunds.so_far(row.id))
    from_held = min(step.taken_back, row.waits)
    step = replace(step, taken_back=step.taken_back - from_held)
    return Plan(kept, taken, step, not any(line.left for line in after), entries, from_held)


async def make_refund(
    actor: StaffActor, sale: LockedSale, plan: Plan, request: Request, kind: str, now: datetime
) -> tuple[int, Reversal, int]:
    """Write a refund with all that follows; its id, the accounts, and the balance after it.

    ``kind`` is ``refunded``, or ``undone`` for a whole sale that is as if it had never been.
    """
    row, step = sale.row, plan.step
    refund_id = await _insert(actor, sale, plan, request, now)
    key = f"refund:{refund_id}"
    found = await reverse(sale, plan.entries, step, is_whole=plan.is_whole, key=key, reason=kind, now=now)
    balance = found.account.active(now)
    await _post(actor, sale, found, now)
    await take_from_held(sale, plan.from_held, by=actor.id, now=now)
    if plan.is_whole:
        await nth.uncount(row)
        await refunds.return_coupons(row.id, now)
    if kind == "undone":
        await purchase_notes.cancel(row.id, by=actor.id, now=now)
    await _follow(sale, step, found, now, is_whole=plan.is_whole)
    await audit.note(
        f"purchase.{kind}",
        "purchase",
        row.id,
        actor_kind="staff",
        actor_id=actor.id,
        now=now,
        after={name: getattr(step, name) for name in Totals.__slots__} | {"reason": request.reason},
    )
    return refund_id, found, balance


async def _insert(actor: StaffActor, sale: LockedSale, plan: Plan, request: Request, now: datetime) -> int:
    ids = {line.sold.number: line.id for line in plan.kept}
    return await refunds.insert(
        sale.row.id,
        plan.step,
        {ids[number]: part for number, part in plan.taken.items()},
        branch_id=sale.row.branch_id,
        staff_member_id=actor.id,
        reason=request.reason,
        request_key=request.key,
        input_hash=request.inputs,
        now=now,
    )


async def _post(actor: StaffActor, sale: LockedSale, found: Reversal, now: datetime) -> None:
    """Write what a refund does to accounts; an inviter who loses a reward by it is told."""
    accounts = [found.account, *found.former]
    if found.inviter is not None and sale.inviter is not None:
        accounts.append(found.inviter)
        await customers.update(sale.inviter.id, debt=found.inviter.debt)
        await tell_undone(sale.inviter, found.inviter, sale.row.id, now)
    if found.is_last and sale.customer.referral_settled_at is not None:
        await friends.forget_given(sale.customer.id)
    await ledger.write(accounts, ledger.Origin(now, sale.row.branch_id, actor.id))


async def _follow(sale: LockedSale, step: Totals, found: Reversal, now: datetime, *, is_whole: bool) -> None:
    """Keep the customer's counters and standing up with a refund."""
    customer = sale.customer
    last_purchase, last_visit = customer.last_purchase_at, customer.last_visit_at
    sold, paid, came = customer.sold - step.sold, customer.paid - step.money, customer.visits
    if is_whole:
        last_purchase = await purchases.last_completed_at(customer.id)
        # A visit that was marked by hand counts without its purchase too.
        came -= 0 if await visits.release(sale.row.id) else 1
        last_visit = await visits.last_at(customer.id)
    metrics = Metrics(Turnover(sold, paid, came), last_visit, now)
    followed = await follow(sale.row.programme_now, customer, metrics)
    await customers.update(
        customer.id,
        debt=found.account.debt,
        purchases=customer.purchases - (1 if is_whole else 0),
        sold=sold,
        paid=paid,
        visits=came,
        last_purchase_at=last_purchase,
        last_visit_at=last_visit,
        referral_settled_at=None if found.is_last else customer.referral_settled_at,
        **followed.columns,
    )
