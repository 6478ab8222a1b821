"""Gifts priced in points (kind bonus): the list, and exchanging points for one at the till.

The customer confirms as they confirm a redemption: by a button in their bot, or by a code from an SMS. Time alone
ends an exchange that nobody confirmed.
"""

from dataclasses import dataclass
from datetime import timedelta

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
from core.gift_making import give_gift, lock_exchange, require_asked, require_waiting, undo_gift
from core.gift_views import ExchangeView, GiftList, available, channel, list_for, view_exchange
from core.gift_words import gift_question, gift_screen, question_closed
from core.refusals import raised
from core.store import customers, exchanges, outbox, programmes
from core.store.customers import CustomerRow
from core.store.exchanges import ExchangeRow
from core.store.transactions import run_against_rivals, run_in_transaction
from core.verification import CodeSent, Requester, Verification

CONFIRM_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Gifts:
    """Points for gifts."""

    deps: Deps
    verification: Verification

    async def for_customer(self, actor: CustomerActor) -> GiftList:
        """What the customer can have; empty when the programme gives no gifts for points."""
        return await list_for(actor.id, (await programmes.in_force()).programme, self.deps.clock.now())

    async def for_till(self, actor: StaffActor, customer_id: int) -> GiftList:
        """The same for the till. Raises CustomerUnknown."""
        actor.require(Right.SPEND)
        programme = (await programmes.in_force(actor.branch_id)).programme
        return await list_for(customer_id, programme, self.deps.clock.now())

    async def ask(self, actor: StaffActor, customer_id: int, number: int, *, key: str) -> ExchangeView:
        """Exchange points for a gift, at once when the programme asks for no confirmation; else ask the customer.

        Raises GiftGone, PointsNotEnough, CustomerUnknown, CustomerBlocked, OwnAccount, ConfirmationImpossible,
        DifferentInputs, and what a request for a code raises.
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
                return await view_exchange(before.id, self.deps.clock.now())
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
        most = await available(customer, now)
        if gift.points > most:
            raise PointsNotEnough(limit=most, wanted=gift.points, step=programme.step)
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
        locked = await lock_exchange(exchange_id)
        if customer.phone_verified_at is not None and not programme.confirm_redemption:
            await give_gift(locked, actor.id, now)
        elif channel(locked.row) == "telegram":
            await outbox.enqueue(gift_question(locked.row, CONFIRM_WITHIN), now)
        else:
            await self._send_code(actor, locked.row, f"{key}:code")
        return await view_exchange(exchange_id, self.deps.clock.now())

    async def confirm(self, actor: CustomerActor, exchange_id: int) -> ExchangeView:
        """The customer's yes. Pressed twice, it acts once. Raises GiftGone, HoldGone, PointsNotEnough."""

        async def work() -> ExchangeView:
            locked = await lock_exchange(exchange_id)
            require_asked(locked.row, actor.id, self.deps.clock.now())
            if locked.row.status == "waiting":
                now = self.deps.clock.now()
                await give_gift(locked, locked.row.staff_member_id, now)
                await outbox.enqueue(gift_screen(locked.row, "confirmed"), now)
            return await view_exchange(exchange_id, self.deps.clock.now())

        return await run_in_transaction(work)

    async def decline(self, actor: CustomerActor, exchange_id: int) -> ExchangeView:
        """The customer's no. Raises GiftGone, HoldGone."""

        async def work() -> ExchangeView:
            locked = await lock_exchange(exchange_id)
            require_asked(locked.row, actor.id, self.deps.clock.now())
            if locked.row.status == "waiting":
                now = self.deps.clock.now()
                await exchanges.settle(exchange_id, "cancelled", now)
                await outbox.enqueue(gift_screen(locked.row, "declined"), now)
            return await view_exchange(exchange_id, self.deps.clock.now())

        return await run_in_transaction(work)

    async def send_code(self, actor: StaffActor, exchange_id: int, *, key: str) -> CodeSent:
        """Send the customer a code by SMS. Raises HoldGone, ConfirmationImpossible, ResendTooSoon, CodeLimit."""
        actor.require(Right.SPEND)

        async def work() -> CodeSent:
            locked = await lock_exchange(exchange_id, actor)
            require_waiting(locked.row, self.deps.clock.now())
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

    async def confirm_by_code(self, actor: StaffActor, exchange_id: int, digits: str, *, key: str) -> ExchangeView:
        """Exchange by the code that the customer reads out.

        Raises CodeWrong, CodeExhausted, CodeExpired, HoldGone, PointsNotEnough.
        """
        actor.require(Right.SPEND)

        async def work() -> ExchangeView | CodeWrong | CodeExhausted | CodeExpired:
            locked = await lock_exchange(exchange_id, actor)
            actor.refuse_own(locked.customer.id)
            if locked.row.status == "done":
                return await view_exchange(exchange_id, self.deps.clock.now())
            require_waiting(locked.row, self.deps.clock.now())
            checked = await self.verification.check_within("gift", f"gift:{exchange_id}", digits, key)
            if isinstance(checked, LoyaltyError):
                return checked
            now = self.deps.clock.now()
            if locked.customer.phone_verified_at is None and locked.customer.phone == checked.phone:
                await customers.update(locked.customer.id, phone_verified_at=now)
            await give_gift(locked, actor.id, now)
            await outbox.enqueue(await question_closed(locked.row), now)
            return await view_exchange(exchange_id, self.deps.clock.now())

        return raised(await run_in_transaction(work))

    async def stop(self, actor: StaffActor, exchange_id: int) -> ExchangeView:
        """Wait no longer; what is over is answered as it stands. Raises HoldGone."""
        actor.require(Right.SPEND)

        async def work() -> ExchangeView:
            locked = await lock_exchange(exchange_id, actor)
            if locked.row.status == "waiting":
                now = self.deps.clock.now()
                await exchanges.settle(exchange_id, "cancelled", now)
                await outbox.enqueue(await question_closed(locked.row), now)
            return await view_exchange(exchange_id, self.deps.clock.now())

        return await run_in_transaction(work)

    async def undo(self, actor: StaffActor, exchange_id: int) -> ExchangeView:
        """Give the points back within the programme's minutes. Pressed twice, it acts once.

        Raises UndoTooLate, HoldGone.
        """
        actor.require(Right.SPEND)

        async def work() -> ExchangeView:
            locked = await lock_exchange(exchange_id, actor)
            actor.refuse_own(locked.customer.id)
            row, now = locked.row, self.deps.clock.now()
            if row.status != "done" or row.settled_at is None:
                return await view_exchange(exchange_id, self.deps.clock.now())
            minutes = locked.programme.undo_minutes
            if now > row.settled_at + timedelta(minutes=minutes):
                raise UndoTooLate(minutes=minutes)
            await undo_gift(locked, actor, now)
            return await view_exchange(exchange_id, self.deps.clock.now())

        return await run_in_transaction(work)

    async def look(self, actor: StaffActor, exchange_id: int) -> ExchangeView:
        """The exchange as it stands. Raises HoldGone."""
        actor.require(Right.SPEND)
        row = await exchanges.get(exchange_id)
        if row is None or not actor.may_touch(row.branch_id):
            raise HoldGone
        return await view_exchange(exchange_id, self.deps.clock.now())

    async def look_for_notice(self, exchange_id: int) -> ExchangeView:
        """The same for the relay that rewrites the till's message."""
        return await view_exchange(exchange_id, self.deps.clock.now())

    async def remember_message(self, exchange_id: int, chat_id: int, message_id: int) -> None:
        """Note where the till's live message stands."""
        await exchanges.remember_message(exchange_id, chat_id, message_id)
