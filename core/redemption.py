"""Spending points: who asks and who confirms, at the till, by a button or by a code (core.holding does it)."""

from dataclasses import dataclass

from core.actors import CustomerActor, StaffActor
from core.deps import Deps
from core.domain.errors import (
    CodeExhausted,
    CodeExpired,
    CodeWrong,
    ConfirmationImpossible,
    HoldGone,
    LoyaltyError,
    PointsNotEnough,
    PurchaseClosed,
    PurchaseUnknown,
    QuoteStale,
)
from core.domain.people import Right
from core.domain.quote import Quote
from core.holding import CONFIRM_WITHIN, HOLD_LIFETIME, back_to_draft, capture, hold, require_hold
from core.receipts import check as check_receipt
from core.refusals import raised
from core.requoting import as_it_stands, stale_quote
from core.sale_completion import complete
from core.sale_views import SaleView, asks_in_chat, view_completed, view_of
from core.sale_words import close_question, question, till_screen
from core.sales import LockedSale, lock_sale
from core.store import customers, holds, outbox, purchases, quotes
from core.store.transactions import run_against_rivals, run_in_transaction
from core.verification import CodeSent, Requester, Verification


@dataclass(frozen=True, slots=True)
class Redemption:
    """The till's and the customer's verbs of paying by points."""

    deps: Deps
    verification: Verification

    async def spend(self, actor: StaffActor, purchase_id: int, points: int | None = None, *, key: str) -> SaleView:
        """Ask to pay by points (hundredths; None for the most that was quoted).

        Completes at once when the programme asks for no confirmation; else the points are held and the
        customer is asked: by a button when they have the bot and a verified phone, by an SMS code otherwise.
        Raises PointsNotEnough, RedemptionOff, QuoteStale, PurchaseClosed, PaymentUnasked, ReceiptNeeded,
        ReceiptTaken, OwnAccount, ConfirmationImpossible, and what a request for a code raises.
        """
        actor.require(Right.SPEND)

        async def work() -> SaleView | QuoteStale:
            sale = await lock_sale(purchase_id, actor=actor)
            actor.refuse_own(sale.customer.id)
            if sale.row.status == "completed":
                return view_completed(sale.row)
            if sale.row.status == "waiting":
                available = await sale.available(self.deps.clock.now())
                return view_of(sale.row, sale.row, status="waiting", balance=available)
            stale = await stale_quote(self.deps, sale)
            if stale is not None:
                return stale
            return await self._spend(actor, sale, points, key)

        return raised(await run_against_rivals(work))

    async def _spend(
        self, actor: StaffActor, sale: LockedSale, points: int | None, key: str
    ) -> SaleView | QuoteStale:
        now = self.deps.clock.now()
        available = await sale.available(now)
        wanted = sale.row.points_limit if points is None else points
        now_limit = sale.reprice(available=available, points=0)
        if sale.row.points_limit != now_limit.points_limit and wanted > now_limit.points_limit:
            # Another till was quicker: the new quote is kept and shown, nothing is silently lowered.
            await quotes.requote(sale.row.id, now_limit, status="draft", now=now)
            return QuoteStale(sale=view_of(sale.row, now_limit, status="draft", balance=available))
        if not wanted:
            raise PointsNotEnough(limit=now_limit.points_limit, wanted=0, step=sale.row.programme.step)
        priced = sale.reprice(available=available, points=wanted)
        await check_receipt(sale.row, now)
        verified = sale.customer.phone_verified_at is not None
        if verified and not sale.row.programme.confirm_redemption:
            await quotes.update_lines(sale.row.id, priced)
            return await complete(sale, priced, staff_id=actor.id, now=now)
        await quotes.requote(sale.row.id, priced, status="waiting", now=now)
        hold_id = await hold(sale, wanted, now)
        await self._ask(actor, sale, hold_id, priced, key)
        until = now + CONFIRM_WITHIN
        return view_of(sale.row, priced, status="waiting", balance=available, confirm_until=until)

    async def _ask(self, actor: StaffActor, sale: LockedSale, hold_id: int, priced: Quote, key: str) -> None:
        if asks_in_chat(sale.row):
            now = self.deps.clock.now()
            await outbox.enqueue(question(sale.row, hold_id, priced, now, CONFIRM_WITHIN), now)
        else:
            await self._send_code(actor, sale, f"{key}:hold:{hold_id}", priced.points, priced.subtotal)

    async def _send_code(
        self, actor: StaffActor, sale: LockedSale, key: str, points: int, subtotal: int
    ) -> CodeSent:
        if sale.customer.phone is None:
            raise ConfirmationImpossible
        return await self.verification.request_within(
            purpose="redeem",
            subject=f"purchase:{sale.row.id}",
            phone=sale.customer.phone,
            by=Requester("staff", actor.telegram_id, sale.row.customer_language, actor.id),
            key=key,
            data={"points": points, "subtotal": subtotal, "currency": sale.row.currency},
        )

    async def send_code(self, actor: StaffActor, purchase_id: int, *, key: str) -> CodeSent:
        """Send the customer of a waiting sale a code by SMS, at the till's wish.

        Raises HoldGone, ConfirmationImpossible, ResendTooSoon, CodeLimit.
        """
        actor.require(Right.SPEND)

        async def work() -> CodeSent:
            sale = await lock_sale(purchase_id, actor=actor)
            require_hold(sale, self.deps.clock.now(), by_code=True)
            return await self._send_code(actor, sale, key, sale.row.points, sale.row.subtotal)

        return await run_in_transaction(work)

    async def confirm_by_code(self, actor: StaffActor, purchase_id: int, digits: str, *, key: str) -> SaleView:
        """Complete a waiting sale by the code that the customer reads out; it verifies their phone too.

        Raises CodeWrong, CodeExhausted, CodeExpired, HoldGone, QuoteStale.
        """
        actor.require(Right.SPEND)

        async def work() -> SaleView | QuoteStale | CodeWrong | CodeExhausted | CodeExpired:
            sale = await lock_sale(purchase_id, actor=actor)
            actor.refuse_own(sale.customer.id)
            if sale.row.status == "completed":
                return view_completed(sale.row)
            require_hold(sale, self.deps.clock.now(), by_code=True)
            checked = await self.verification.check_within("redeem", f"purchase:{purchase_id}", digits, key)
            if isinstance(checked, LoyaltyError):
                return checked
            if sale.customer.phone_verified_at is None and sale.customer.phone == checked.phone:
                await customers.update(sale.customer.id, phone_verified_at=self.deps.clock.now())
            result = await capture(sale, staff_id=actor.id, now=self.deps.clock.now())
            await close_question(sale.row, self.deps.clock.now())
            return result

        return raised(await run_against_rivals(work))

    async def confirm(self, actor: CustomerActor, purchase_id: int, *, hold_id: int | None = None) -> SaleView:
        """The customer's press: completes the sale at once, on the till's message too.

        ``hold_id`` names the question that was answered: another number of points, asked later, is not
        confirmed by an old button. Pressed twice, it acts once. Raises PurchaseUnknown, HoldGone, QuoteStale.
        """

        async def work() -> SaleView | QuoteStale:
            sale = await lock_sale(purchase_id)
            if sale.row.customer_id != actor.id:
                raise PurchaseUnknown
            if sale.row.status == "completed":
                return view_completed(sale.row)
            require_hold(sale, self.deps.clock.now(), by_code=False, hold_id=hold_id)
            return await capture(
                sale, staff_id=sale.row.staff_member_id, now=self.deps.clock.now(), why="confirmed"
            )

        return raised(await run_against_rivals(work))

    async def decline(self, actor: CustomerActor, purchase_id: int, *, hold_id: int | None = None) -> SaleView:
        """The customer's no: the till gets its quote back. Raises PurchaseUnknown, PurchaseClosed, HoldGone."""

        async def work() -> SaleView:
            sale = await lock_sale(purchase_id)
            if sale.row.customer_id != actor.id:
                raise PurchaseUnknown
            if sale.row.status == "completed":
                raise PurchaseClosed(status="completed")
            if sale.row.status != "waiting" or hold_id not in (None, sale.row.hold_id):
                raise HoldGone
            return await back_to_draft(sale, "released", self.deps.clock.now(), why="declined")

        return await run_in_transaction(work)

    async def stop_waiting(self, actor: StaffActor, purchase_id: int) -> SaleView:
        """The till doesn't wait any longer: points are free again, the quote stands without them.

        A sale that waits for nobody is answered as it stands.
        """
        actor.require(Right.SPEND)

        async def work() -> SaleView:
            sale = await lock_sale(purchase_id, actor=actor)
            if sale.row.status != "waiting":
                return await as_it_stands(self.deps, sale.row)
            now = self.deps.clock.now()
            await close_question(sale.row, now)
            return await back_to_draft(sale, "released", now)

        return await run_in_transaction(work)

    async def customer_unreachable(self, purchase_id: int) -> None:
        """The question could not be delivered: show the till the way by SMS."""

        async def work() -> None:
            row = await purchases.get(purchase_id)
            if row is not None and row.status == "waiting":
                await outbox.enqueue(till_screen(row, "unreachable"), self.deps.clock.now())

        await run_in_transaction(work)

    async def release_overdue(self) -> int:
        """Tidy up after customers who did not confirm: time alone freed the points, the till is told.

        Returns how many sales went back to their quote.
        """
        now = self.deps.clock.now()
        released = 0
        for purchase_id in await holds.overdue(now - (HOLD_LIFETIME - CONFIRM_WITHIN)):
            released += await run_in_transaction(lambda found=purchase_id: self._release_one(found))  # type: ignore[misc]
        return released

    async def _release_one(self, purchase_id: int) -> int:
        sale = await lock_sale(purchase_id)
        now = self.deps.clock.now()
        until = sale.row.hold_expires_at
        # Between the list and the lock the till may have asked anew: that hold is not overdue.
        if sale.row.status != "waiting" or until is None or until > now:
            return 0
        await close_question(sale.row, now)
        await back_to_draft(sale, "expired", now, why="expired")
        return 1
