"""Points by hand: given or taken with a reason, and above a limit only when a second person confirms."""

from dataclasses import dataclass
from datetime import datetime

from core.actors import StaffActor
from core.deps import Deps
from core.domain.account import Account
from core.domain.errors import (
    AlreadyDecided,
    CustomerUnknown,
    DifferentInputs,
    ManualGone,
    NotAllowed,
    ReasonNeeded,
)
from core.domain.expiry import expires_at, rolling_days
from core.domain.lots import EntryKind
from core.domain.people import Right
from core.domain.programme import Programme
from core.keyring import fingerprint
from core.manual_bounds import DECIDERS, alone_up_to, deciders, refuse_above_balance, refuse_out_of_bounds
from core.manual_words import answers, questions, receipt
from core.store import audit, customers, holds, identities, ledger, manual, outbox, programmes, staff
from core.store.customers import CustomerRow
from core.store.manual import ManualRow
from core.store.transactions import run_against_rivals, run_in_transaction

SHORTEST_REASON, LONGEST_REASON = 3, 200
LISTED = 20
DONE, REFUSED = "done", "refused"
REASON = "manual:"
"""Before the reason in the ledger, whose column takes 64 characters in all."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """Points by hand as they stand; ``balance`` is what the customer may spend now, in hundredths."""

    row: ManualRow
    balance: int


@dataclass(frozen=True, slots=True)
class ManualPoints:
    """Giving and taking points by hand."""

    deps: Deps

    async def propose(self, actor: StaffActor, customer_id: int, points: int, reason: str, *, key: str) -> ByHand:
        """Give points (hundredths), or take them when negative: up to the limit at once, by a manager or owner.

        What is above the limit, or asked by an operator, waits for another manager or owner, who is told. The
        same ``key`` acts once. Raises NotAllowed, OwnAccount, InvalidAmount, ReasonNeeded, BalanceTooSmall,
        NobodyToConfirm, CustomerUnknown, DifferentInputs.
        """
        actor.require(Right.ASK_POINTS)
        actor.refuse_own(customer_id)
        if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
            raise ReasonNeeded(low=SHORTEST_REASON, high=LONGEST_REASON)
        inputs = fingerprint(customer=customer_id, points=points, reason=reason, author=actor.id)

        async def work() -> ByHand:
            customer = await _locked(customer_id)
            before = await manual.by_request(key)
            if before is not None:
                if before.input_hash != inputs:
                    raise DifferentInputs
                return await self._view(before.id)
            now = self.deps.clock.now()
            programme = (await programmes.in_force(actor.branch_id)).programme
            await refuse_out_of_bounds(customer, points, programme, self.deps.clock.now())
            made = await manual.insert(
                customer_id,
                actor.branch_id,
                points,
                reason,
                asked_by=actor.id,
                request_key=key,
                input_hash=inputs,
                now=now,
            )
            if abs(points) <= alone_up_to(actor, programme):
                await self._apply(actor, await _row(made), customer, programme)
            else:
                await self._ask(actor, await _row(made), programme)
            return await self._view(made)

        return await run_against_rivals(work)

    async def consider(self, actor: StaffActor, customer_id: int, points: int) -> int | None:
        """What ``propose`` would refuse of the points (hundredths) is refused already, before the reason is asked.

        Returns up to how many the actor may give alone, where a second person has to confirm these; else None.
        Raises NotAllowed, OwnAccount, InvalidAmount, BalanceTooSmall, NobodyToConfirm, CustomerUnknown.
        """
        actor.require(Right.ASK_POINTS)
        actor.refuse_own(customer_id)
        customer = _active(await customers.get(customer_id))
        programme = (await programmes.in_force(actor.branch_id)).programme
        await refuse_out_of_bounds(customer, points, programme, self.deps.clock.now())
        alone = alone_up_to(actor, programme)
        if abs(points) <= alone:
            return None
        await deciders(actor, customer_id, actor.branch_id, alone)
        return alone

    async def _ask(self, actor: StaffActor, row: ManualRow, programme: Programme) -> None:
        """Tell those who may decide: never who asked, never the customer themselves."""
        now = self.deps.clock.now()
        people = await deciders(actor, row.customer_id, row.branch_id, alone_up_to(actor, programme))
        await outbox.enqueue(questions(row, people), now)
        await self._note("manual.asked", actor, row, now)

    async def decide(self, actor: StaffActor, manual_id: int, *, agree: bool) -> ByHand:
        """Confirm what waits, or refuse it; who asked may only take it back. Pressed twice, it acts once.

        Raises NotAllowed, OwnAccount, ManualGone, AlreadyDecided when it was decided otherwise, BalanceTooSmall
        (it goes on waiting), CustomerUnknown.
        """
        actor.require(Right.ASK_POINTS)
        wanted = DONE if agree else REFUSED

        async def work() -> ByHand:
            seen = await manual.get(manual_id)
            if seen is None or not actor.may_touch(seen.branch_id):
                raise ManualGone
            may_refuse = not agree and seen.asked_by_id == actor.id
            if not may_refuse:
                actor.require(Right.GIVE_POINTS)
            if agree and seen.asked_by_id == actor.id:
                raise NotAllowed(needed="second_person")
            actor.refuse_own(seen.customer_id)
            customer = (await customers.lock(seen.customer_id)).get(seen.customer_id)
            row = await _row(manual_id, locked=True)
            if row.status == wanted:
                return await self._view(manual_id)
            if row.status != "waiting":
                raise AlreadyDecided(status=row.status)
            if agree:
                if customer is None or customer.status != "active":
                    raise CustomerUnknown(phone=None)
                programme = (await programmes.in_force(row.branch_id)).programme
                await self._apply(actor, row, customer, programme)
            else:
                now = self.deps.clock.now()
                await manual.settle(row.id, REFUSED, by=actor.id, now=now)
                await self._note("manual.refused", actor, row, now)
            await self._tell_decided(actor, await _row(manual_id))
            return await self._view(manual_id)

        return await run_in_transaction(work)

    async def _apply(self, actor: StaffActor, row: ManualRow, customer: CustomerRow, programme: Programme) -> None:
        """Post the entry: its author is who asked. The customer is told."""
        now = self.deps.clock.now()
        account = await ledger.load_account(customer.id, customer.debt)
        if row.points < 0:
            await refuse_above_balance(customer, row.points, now, account)
        _post(account, row, programme, now)
        balance = account.active(now)
        await ledger.write([account], ledger.Origin(now, row.branch_id, row.asked_by_id))
        if account.debt != customer.debt:
            await customers.update(customer.id, debt=account.debt)
        await manual.settle(row.id, DONE, by=actor.id, now=now)
        await self._note("manual.done", actor, row, now)
        await outbox.enqueue(receipt(customer, await identities.chat_of(customer.id), row, balance), now)

    async def _tell_decided(self, actor: StaffActor, row: ManualRow) -> None:
        """The questions of the others lose their buttons, and who asked hears how it ended."""
        now = self.deps.clock.now()
        asker = await identities.account_of(row.asked_by_id)
        people = {each["id"]: each["telegram_id"] for each in await staff.to_tell(row.branch_id, DECIDERS)}
        told = people | ({row.asked_by_id: asker} if asker else {})
        await outbox.enqueue(answers(row, {who: chat for who, chat in told.items() if who != actor.id}), now)

    async def waiting(self, actor: StaffActor) -> tuple[ManualRow, ...]:
        """What waits in the manager's branch, for the owner in any, at most LISTED. Raises NotAllowed."""
        actor.require(Right.GIVE_POINTS)
        return tuple(await manual.waiting(actor.only_branch, LISTED))

    async def look(self, actor: StaffActor, manual_id: int) -> ByHand:
        """One of them as it stands. Raises NotAllowed, ManualGone."""
        actor.require(Right.ASK_POINTS)
        row = await manual.get(manual_id)
        own = row is not None and row.asked_by_id == actor.id
        if row is None or not actor.may_touch(row.branch_id) or not (own or actor.role.may(Right.GIVE_POINTS)):
            raise ManualGone
        return await self._view(manual_id)

    async def _view(self, manual_id: int) -> ByHand:
        row = await _row(manual_id)
        now = self.deps.clock.now()
        account = await ledger.load_account(row.customer_id, 0, locked=False)
        return ByHand(row, max(0, account.active(now) - await holds.held(row.customer_id, now)))

    async def _note(self, action: str, actor: StaffActor, row: ManualRow, now: datetime) -> None:
        await audit.note(
            action,
            "customer",
            row.customer_id,
            actor_kind="staff",
            actor_id=actor.id,
            now=now,
            after={"points": row.points, "reason": row.reason, "asked_by": row.asked_by_id},
        )


def _post(account: Account, row: ManualRow, programme: Programme, now: datetime) -> None:
    """What is given is usable at once and expires as earned points do; what is taken goes as if it were spent."""
    key, reason = f"manual:{row.id}", f"{REASON}{row.reason}"[:64]
    if row.points < 0:
        account.redeem(-row.points, key=key, now=now, purchase_id=None, reason=reason, kind=EntryKind.ADJUSTMENT)
        return
    account.grant(
        EntryKind.ADJUSTMENT,
        row.points,
        key=key,
        now=now,
        activates_at=now,
        expires_at=expires_at(programme.expiry, programme.expiry_days, now, row.time_zone),
        rolling_days=rolling_days(programme.expiry, programme.expiry_days),
        reason=reason,
    )


async def _locked(customer_id: int) -> CustomerRow:
    return _active((await customers.lock(customer_id)).get(customer_id))


def _active(found: CustomerRow | None) -> CustomerRow:
    if found is None or found.status != "active":
        raise CustomerUnknown(phone=None)
    return found


async def _row(manual_id: int, *, locked: bool = False) -> ManualRow:
    found = await manual.get(manual_id, locked=locked)
    if found is None:
        raise ManualGone
    return found
