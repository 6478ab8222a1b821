"""Gifts priced in points (kind bonus): the list, and exchanging points for one at the till (domain rules §2).

The customer confirms as they confirm a redemption: by a button in their bot, or by a code from an SMS. Time alone
ends an exchange that nobody confirmed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.actors import CustomerActor, StaffActor
from core.deps import Deps
from core.domain.errors import (
    CodeExhausted,
    CodeExpired,
    CodeWrong,
    ConfirmationImpossible,
    CustomerBlocked,
    CustomerUnknown,
    DifferentInputs,
    GiftGone,
    HoldGone,
    LoyaltyError,
    PointsNotEnough,
    UndoTooLate,
)
from core.domain.gifts import gift_number
from core.domain.people import Right
from core.domain.programme import Programme
from core.gift_words import gift_question, gift_receipt, gift_screen, question_closed
from core.store import audit, customers, exchanges, holds, ledger, outbox, postings, programmes
from core.store.customers import CustomerRow
from core.store.exchanges import ExchangeRow
from core.store.transactions import run_against_rivals, run_in_transaction
from core.verification import CodeSent, Requester, Verification

CONFIRM_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class GiftOffer:
    """A gift to be had: ``number`` names it on a button, ``missing`` points (hundredths) are lacking."""

    number: int
    title: str
    points: int
    missing: int


@dataclass(frozen=True, slots=True)
class GiftList:
    """What a customer can have for points; ``balance`` in hundredths."""

    customer_id: int
    customer_name: str | None
    balance: int
    gifts: tuple[GiftOffer, ...]


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """An exchange as it stands: waiting, expired, done, cancelled; ``undone`` when it was done before.

    ``channel`` says how a waiting one is confirmed: ``telegram`` or ``sms``. Points in hundredths.
    """

    exchange_id: int
    customer_id: int
    customer_name: str | None
    customer_phone: str | None
    branch_name: str
    time_zone: str
    title: str
    points: int
    status: str
    undone: bool
    balance: int
    channel: str
    confirm_until: datetime
    undo_until: datetime | None


@dataclass(slots=True)
class _Locked:
    row: ExchangeRow
    customer: CustomerRow
    programme: Programme


@dataclass(frozen=True, slots=True)
class Gifts:
    """Points for gifts."""

    deps: Deps
    verification: Verification

    async def for_customer(self, actor: CustomerActor) -> GiftList:
        """What the customer can have; empty when the programme gives no gifts for points."""
        return await self._list(actor.id, (await programmes.in_force()).programme)

    async def for_till(self, actor: StaffActor, customer_id: int) -> GiftList:
        """The same for the till. Raises CustomerUnknown."""
        actor.require(Right.SPEND)
        return await self._list(customer_id, (await programmes.in_force(actor.branch_id)).programme)

    async def _list(self, customer_id: int, programme: Programme) -> GiftList:
        customer = await customers.get(customer_id)
        if customer is None or customer.status != "active":
            raise CustomerUnknown(phone=None)
        balance = await self._available(customer)
        offers = [
            GiftOffer(gift_number(gift), gift.title, gift.points, max(0, gift.points - balance))
            for gift in programme.gifts_for_points
        ]
        return GiftList(customer_id, customer.name, balance, tuple(offers))

    async def _available(self, customer: CustomerRow) -> int:
        now = self.deps.clock.now()
        account = await ledger.load_account(customer.id, customer.debt, locked=False)
        return max(0, account.active(now) - await holds.held(customer.id, now))

    async def ask(self, actor: StaffActor, customer_id: int, number: int, *, key: str) -> ExchangeView:
        """Exchange points for a gift, at once when the programme asks for no confirmation; else ask the customer.

        Raises GiftGone, PointsNotEnough, CustomerUnknown, ConfirmationImpossible, what a request for a code
        raises, and DifferentInputs.
        """
        actor.require(Right.SPEND)
        actor.refuse_own(customer_id)

        async def work() -> ExchangeView:
            found = await customers.lock(customer_id)
            if customer_id not in found or found[customer_id].status != "active":
                raise CustomerUnknown(phone=None)
            before = await exchanges.by_request(key)
            if before is not None:
                if before.customer_id != customer_id:
                    raise DifferentInputs
                return await self._view(before.id)
            if found[customer_id].blocked_at is not None:
                raise CustomerBlocked
            return await self._ask(actor, found[customer_id], number, key)

        return await run_against_rivals(work)

    async def _ask(self, actor: StaffActor, customer: CustomerRow, number: int, key: str) -> ExchangeView:
        now = self.deps.clock.now()
        programme = (await programmes.in_force(actor.branch_id)).programme
        gift = next((each for each in programme.gifts_for_points if gift_number(each) == number), None)
        if gift is None:
            raise GiftGone
        available = await self._available(customer)
        if gift.points > available:
            raise PointsNotEnough(limit=available, wanted=gift.points, step=programme.step)
        exchange_id = await exchanges.insert(
            customer.id,
            actor.branch_id,
            actor.id,
            gift.title,
            gift.points,
            request_key=key,
            confirm_until=now + CONFIRM_WITHIN,
            now=now,
        )
        locked = await self._lock(exchange_id)
        if customer.phone_verified_at is not None and not programme.confirm_redemption:
            await self._give(locked, actor.id)
        elif _channel(locked.row) == "telegram":
            await outbox.enqueue(gift_question(locked.row, CONFIRM_WITHIN), now)
        else:
            await self._send_code(actor, locked.row, f"{key}:code")
        return await self._view(exchange_id)

    async def _lock(self, exchange_id: int, actor: StaffActor | None = None) -> _Locked:
        """Lock the customer, then the exchange. Raises HoldGone when there is none in a branch of the actor's."""
        row = await exchanges.get(exchange_id)
        if row is None or (actor is not None and not actor.may_touch(row.branch_id)):
            raise HoldGone
        found = await customers.lock(row.customer_id)
        row = await exchanges.get(exchange_id, locked=True)
        if row is None:
            raise HoldGone
        programme = (await programmes.in_force(row.branch_id)).programme
        return _Locked(row, found[row.customer_id], programme)

    async def _give(self, locked: _Locked, staff_id: int) -> None:
        """Take the points. Raises PointsNotEnough when they went elsewhere meanwhile."""
        row, customer, now = locked.row, locked.customer, self.deps.clock.now()
        account = await ledger.load_account(customer.id, customer.debt)
        available = max(0, account.active(now) - await holds.held(customer.id, now))
        if row.points > available:
            raise PointsNotEnough(limit=available, wanted=row.points, step=locked.programme.step)
        account.redeem(row.points, key=f"gift:{row.id}", now=now, purchase_id=None, reason=_reason("gift", row))
        balance = account.active(now)
        await ledger.write([account], ledger.Origin(now, row.branch_id, staff_id))
        await exchanges.settle(row.id, "done", now)
        await outbox.enqueue(gift_receipt(row, balance), now)

    async def confirm(self, actor: CustomerActor, exchange_id: int) -> ExchangeView:
        """The customer's yes. Pressed twice, it acts once. Raises GiftGone, HoldGone, PointsNotEnough."""

        async def work() -> ExchangeView:
            locked = await self._lock(exchange_id)
            self._require_asked(locked.row, actor.id)
            if locked.row.status == "waiting":
                await self._give(locked, locked.row.staff_member_id)
                await outbox.enqueue(gift_screen(locked.row, "confirmed"), self.deps.clock.now())
            return await self._view(exchange_id)

        return await run_in_transaction(work)

    async def decline(self, actor: CustomerActor, exchange_id: int) -> ExchangeView:
        """The customer's no. Raises GiftGone, HoldGone."""

        async def work() -> ExchangeView:
            locked = await self._lock(exchange_id)
            self._require_asked(locked.row, actor.id)
            if locked.row.status == "waiting":
                now = self.deps.clock.now()
                await exchanges.settle(exchange_id, "cancelled", now)
                await outbox.enqueue(gift_screen(locked.row, "declined"), now)
            return await self._view(exchange_id)

        return await run_in_transaction(work)

    def _require_asked(self, row: ExchangeRow, customer_id: int) -> None:
        late = row.status == "waiting" and row.confirm_until <= self.deps.clock.now()
        if row.customer_id != customer_id:
            raise GiftGone
        if row.status == "cancelled" or late:
            raise HoldGone

    async def send_code(self, actor: StaffActor, exchange_id: int, *, key: str) -> CodeSent:
        """Send the customer a code by SMS. Raises HoldGone, ConfirmationImpossible, ResendTooSoon, CodeLimit."""
        actor.require(Right.SPEND)

        async def work() -> CodeSent:
            locked = await self._lock(exchange_id, actor)
            self._require_waiting(locked.row)
            return await self._send_code(actor, locked.row, key)

        return await run_in_transaction(work)

    async def _send_code(self, actor: StaffActor, row: ExchangeRow, key: str) -> CodeSent:
        if row.customer_phone is None:
            raise ConfirmationImpossible
        return await self.verification.request_within(
            purpose="gift",
            subject=f"gift:{row.id}",
            phone=row.customer_phone,
            by=Requester("staff", actor.telegram_id, row.customer_language, actor.id),
            key=key,
            data={"points": row.points, "title": row.title},
        )

    def _require_waiting(self, row: ExchangeRow) -> None:
        if row.status != "waiting" or row.confirm_until <= self.deps.clock.now():
            raise HoldGone

    async def confirm_by_code(self, actor: StaffActor, exchange_id: int, digits: str, *, key: str) -> ExchangeView:
        """Exchange by the code that the customer reads out.

        Raises CodeWrong, CodeExhausted, CodeExpired, HoldGone, PointsNotEnough.
        """
        actor.require(Right.SPEND)

        async def work() -> ExchangeView | CodeWrong | CodeExhausted | CodeExpired:
            locked = await self._lock(exchange_id, actor)
            actor.refuse_own(locked.customer.id)
            if locked.row.status == "done":
                return await self._view(exchange_id)
            self._require_waiting(locked.row)
            checked = await self.verification.check_within("gift", f"gift:{exchange_id}", digits, key)
            if isinstance(checked, LoyaltyError):
                return checked
            now = self.deps.clock.now()
            if locked.customer.phone_verified_at is None and locked.customer.phone == checked.phone:
                await customers.update(locked.customer.id, phone_verified_at=now)
            await self._give(locked, actor.id)
            await outbox.enqueue(await question_closed(locked.row), now)
            return await self._view(exchange_id)

        outcome = await run_in_transaction(work)
        if isinstance(outcome, LoyaltyError):
            raise outcome
        return outcome

    async def stop(self, actor: StaffActor, exchange_id: int) -> ExchangeView:
        """Wait no longer; what is over is answered as it stands. Raises HoldGone."""
        actor.require(Right.SPEND)

        async def work() -> ExchangeView:
            locked = await self._lock(exchange_id, actor)
            if locked.row.status == "waiting":
                now = self.deps.clock.now()
                await exchanges.settle(exchange_id, "cancelled", now)
                await outbox.enqueue(await question_closed(locked.row), now)
            return await self._view(exchange_id)

        return await run_in_transaction(work)

    async def undo(self, actor: StaffActor, exchange_id: int) -> ExchangeView:
        """Give the points back within the programme's minutes. Pressed twice, it acts once.

        Raises UndoTooLate, HoldGone.
        """
        actor.require(Right.SPEND)

        async def work() -> ExchangeView:
            locked = await self._lock(exchange_id, actor)
            actor.refuse_own(locked.customer.id)
            row, now = locked.row, self.deps.clock.now()
            if row.status != "done" or row.settled_at is None:
                return await self._view(exchange_id)
            minutes = locked.programme.undo_minutes
            if now > row.settled_at + timedelta(minutes=minutes):
                raise UndoTooLate(minutes=minutes)
            await self._give_back(locked, actor, now)
            return await self._view(exchange_id)

        return await run_in_transaction(work)

    async def _give_back(self, locked: _Locked, actor: StaffActor, now: datetime) -> None:
        row, customer = locked.row, locked.customer
        entry_id = await exchanges.entry_of(f"gift:{row.id}")
        if entry_id is None:
            raise AssertionError("an exchange without its entry")
        draws = await postings.draws_of(entry_id)
        account = await ledger.load_account(customer.id, customer.debt, also=[lot_id for lot_id, _ in draws])
        account.give_back(
            draws,
            key=f"gift:{row.id}:undone",
            now=now,
            grace=timedelta(days=locked.programme.refund_grace_days),
            reason=_reason("gift_undone", row),
            reverses_id=entry_id,
        )
        balance = account.active(now)
        await ledger.write([account], ledger.Origin(now, row.branch_id, actor.id))
        if account.debt != customer.debt:
            await customers.update(customer.id, debt=account.debt)
        await exchanges.settle(row.id, "cancelled", now)
        await audit.note("gift.undone", "gift_exchange", row.id, actor_kind="staff", actor_id=actor.id, now=now)
        await outbox.enqueue(gift_receipt(row, balance, undone=True), now)

    async def look(self, actor: StaffActor, exchange_id: int) -> ExchangeView:
        """The exchange as it stands. Raises HoldGone."""
        actor.require(Right.SPEND)
        row = await exchanges.get(exchange_id)
        if row is None or not actor.may_touch(row.branch_id):
            raise HoldGone
        return await self._view(exchange_id)

    async def look_for_notice(self, exchange_id: int) -> ExchangeView:
        """The same for the relay that rewrites the till's message."""
        return await self._view(exchange_id)

    async def remember_message(self, exchange_id: int, chat_id: int, message_id: int) -> None:
        """Note where the till's live message stands."""
        await exchanges.remember_message(exchange_id, chat_id, message_id)

    async def _view(self, exchange_id: int) -> ExchangeView:
        row = await exchanges.get(exchange_id)
        customer = await customers.get(row.customer_id) if row else None
        if row is None or customer is None:
            raise HoldGone
        programme = (await programmes.in_force(row.branch_id)).programme
        is_done = row.status == "done"
        late = row.status == "waiting" and row.confirm_until <= self.deps.clock.now()
        undo_until = (
            row.settled_at + timedelta(minutes=programme.undo_minutes) if row.settled_at and is_done else None
        )
        return ExchangeView(
            exchange_id=row.id,
            customer_id=row.customer_id,
            customer_name=row.customer_name,
            customer_phone=row.customer_phone,
            branch_name=row.branch_name,
            time_zone=row.time_zone,
            title=row.title,
            points=row.points,
            status="expired" if late else row.status,
            undone=row.status == "cancelled" and await exchanges.entry_of(f"gift:{row.id}") is not None,
            balance=await self._available(customer),
            channel=_channel(row),
            confirm_until=row.confirm_until,
            undo_until=undo_until,
        )


def _channel(row: ExchangeRow) -> str:
    asks = row.customer_chat is not None and row.customer_phone_verified_at is not None
    return "telegram" if asks else "sms"


def _reason(kind: str, row: ExchangeRow) -> str:
    """Names the gift in the ledger, within the column's 64 characters."""
    return f"{kind}:{row.title}"[:64]
