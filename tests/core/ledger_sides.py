"""The real verbs and the model side by side: what one does, the other has to do as well."""

import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant

from core.check import check_ledger
from core.domain.errors import CodeLimit, DifferentInputs, HoldGone, LoyaltyError, QuoteStale, ResendTooSoon
from core.domain.refund import Wanted
from core.refund_views import RefundView
from core.sale_views import SaleView
from tests.core.kit import actor_of, sent_code
from tests.core.ledger_ground import EVERYTHING, POINTS, START, Ground
from tests.core.ledger_model import Person, Sale
from tests.core.till_model import HELD, Model


class BothSides(RuleBasedStateMachine):
    """A life on a ground beside the same life in the model; ``people`` and ``sales`` give the real ids."""

    def __init__(self, ground: Ground) -> None:
        super().__init__()
        ground.enter()
        self.ground, self.core, self.cashier, self.run = ground, ground.core, ground.cashier, ground.run
        self.model = Model(START)
        self.people: dict[Person, int] = {}
        self.sales: dict[Sale, int] = {}

    def teardown(self) -> None:
        if sys.exc_info()[0] is not None:  # a failure is on its way: nothing here is to be relied on
            self.ground.sound = False
            return
        findings = self.run(check_ledger()).findings
        self.ground.sound = not findings
        assert not findings
        for sale, number in self.sales.items():
            if sale.status == "waiting":
                self.run(self.core.till.drop(self.cashier, number))

    def go(self, to: datetime) -> None:
        self.model.now = self.ground.clock.at = to

    def open(self, who: int, total: int) -> Sale:
        person = one_of(list(self.people), who)
        sale = Sale(person, total, self.model.terms, self.model.now)
        self.model.quote(sale, sale.terms)
        self.model.sales.append(sale)
        key, customer = f"sale:{next(self.ground.numbers)}", self.people[person]

        def ask(total: int = total) -> SaleView:
            return self.run(self.core.till.open_sale(self.cashier, customer, total, key=key))

        view = ask()
        assert (view.subtotal, view.points_limit, view.accrual) == (total, sale.limit, sale.accrual)
        self.sales[sale] = view.purchase_id
        before = self.ground.picture(*EVERYTHING)
        assert ask() == view
        with pytest.raises(DifferentInputs):
            ask(total + 1)
        assert self.ground.picture(*EVERYTHING) == before
        return sale

    def act(self, verb: str, sale: Sale, points: int | None) -> None:
        """Do it on both sides, and once more: the second time it answers the same and changes nothing."""
        ask = self._verb(verb, sale, points)
        if ask is None:
            return
        before = self.ground.picture(*EVERYTHING)
        try:
            expected = self.model.act(verb, sale, points)
        except LoyaltyError as refusal:
            with pytest.raises(type(refusal)):
                ask()
            kept = POINTS if isinstance(refusal, QuoteStale) else EVERYTHING
            assert self.ground.picture(*kept) == {table: before[table] for table in kept}
            return
        view = ask()
        assert seen(view) == seen_by_model(expected)
        before = self.ground.picture(*EVERYTHING)
        if verb == "decline":
            with pytest.raises(HoldGone):
                ask()
        else:
            assert ask() == view
        assert self.ground.picture(*EVERYTHING) == before

    def refund(self, sale: Sale, amount: int | None) -> None:
        """Refund on both sides, and once more by the same key."""
        number, key = self.sales[sale], f"refund:{next(self.ground.numbers)}"

        def ask() -> RefundView:
            return self.run(self.core.refunds.refund(self.cashier, number, Wanted(amount), key=key))

        before = self.ground.picture(*EVERYTHING)
        try:
            expected = self.model.refund(sale, amount)
        except LoyaltyError as refusal:
            with pytest.raises(type(refusal)):
                ask()
            assert self.ground.picture(*EVERYTHING) == before
            return
        view = ask()
        assert (view.returned, view.taken_back, view.debt) == (*expected, sale.person.debt)
        before = self.ground.picture(*EVERYTHING)
        again = ask()
        assert (again.returned, again.taken_back, again.balance) == (*expected, view.balance)
        assert self.ground.picture(*EVERYTHING) == before

    def _verb(self, verb: str, sale: Sale, points: int | None) -> Callable[[], SaleView] | None:
        """The real verb on the sale; None when no code can be had for it now."""
        number, customer, core = self.sales[sale], actor_of(self.people[sale.person]), self.core
        if verb == "code":
            digits = self._code(sale)
            key = f"code:{number}:{self.model.now}"
            return digits and (
                lambda: self.run(core.redemption.confirm_by_code(self.cashier, number, digits, key=key))
            )
        key = f"spend:{next(self.ground.numbers)}"
        return {
            "accrue": lambda: self.run(core.till.accrue(self.cashier, number)),
            "spend": lambda: self.run(core.redemption.spend(self.cashier, number, points, key=key)),
            "press": lambda: self.run(core.redemption.confirm(customer, number)),
            "decline": lambda: self.run(core.redemption.decline(customer, number)),
            "stop": lambda: self.run(core.redemption.stop_waiting(self.cashier, number)),
            "drop": lambda: self.run(core.till.drop(self.cashier, number)),
            "undo": lambda: self.run(core.refunds.undo(self.cashier, number)),
        }[verb]

    def _code(self, sale: Sale) -> str | None:
        if sale.status != "waiting" or self.model.now >= sale.moved + HELD:
            return "1234"
        key = f"send:{next(self.ground.numbers)}"
        try:
            sent = self.run(self.core.redemption.send_code(self.cashier, self.sales[sale], key=key))
        except (ResendTooSoon, CodeLimit):
            return None
        return self.run(sent_code(self.core, sent.code_id))

    @invariant()
    def everybody_has_what_the_model_says(self) -> None:
        for person, customer in self.people.items():
            found = self.run(self.core.balances.open(actor_of(customer)))
            assert (found.points, found.debt) == (self.model.active(person), person.debt)
            coming = sum(lot.left for lot in person.lots if lot.starts > self.model.now)
            assert sum(portion.points for portion in found.pending) == coming


def one_of(choices: list[Any], which: int) -> Any:
    """The first is the newest."""
    return choices[(-1 - which) % len(choices)]


def seen(view: SaleView) -> tuple[object, ...]:
    """What counts of a view: a sale that is over has no limit, a cancelled one no balance."""
    is_open = view.status in ("draft", "waiting")
    balance = None if view.status == "cancelled" else view.balance
    return (view.status, view.points, view.points_limit if is_open else None, view.accrual, balance)


def seen_by_model(expected: tuple[str, int, int, int, int]) -> tuple[object, ...]:
    status, points, _, accrual, balance = expected
    if status in ("draft", "waiting"):
        return expected
    if status == "completed":
        return (status, points, None, accrual, balance)
    return ("cancelled", points, None, accrual, None)
