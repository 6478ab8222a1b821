"""Customers' lives by chance: the real verbs on real databases against the model in ledger_model.

Short by default; with ``SOAK=1`` in the environment it tries a hundred times as many.
"""

import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.check import check_ledger
from core.domain.errors import CodeLimit, DifferentInputs, HoldGone, LoyaltyError, QuoteStale, ResendTooSoon
from core.domain.programme import Programme, to_json
from core.sales import SaleView
from tests.conftest import enrol
from tests.core.kit import actor_of, promo_code, sent_code
from tests.core.ledger_ground import EVERYTHING, POINTS, START, Ground, ground_on_postgres, ground_on_sqlite
from tests.core.ledger_model import ANSWERS, HELD, NEVER, PRESSED, QUOTED, UNDONE, Model, Person, Sale

settings.register_profile("lives", max_examples=16, stateful_step_count=30)
settings.register_profile("soak", max_examples=1600, stateful_step_count=50)
LIVES = settings(
    settings.get_profile("soak" if os.environ.get("SOAK") else "lives"),
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
MOMENT = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "accrual_percent": st.sampled_from([500, 1000, 10_000]),
        "activation_delay_hours": st.sampled_from([0, 1, 24]),
        "expiry_days": st.sampled_from([1, 30, None]),
        "confirm_redemption": st.booleans(),
        "welcome_points": st.sampled_from([300_00, 0]),
        "referral_inviter_points": st.sampled_from([200_00, 0]),
        "referral_friend_points": st.sampled_from([100_00, 0]),
    },
)
POINTS_WANTED = st.sampled_from([None, 100_00, 1_00, 50, 0, -1_00, 10**9])
WHICH = st.integers(0, 5)
SUITED = {"draft": ["accrue", "spend"], "waiting": ["press", "code", "decline", "stop"], "completed": ["undo"]}


class Lives(RuleBasedStateMachine):
    """Sales of a few customers over any stretch of time, whatever is pressed in whatever order."""

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

    # --- who, by which rules, and when ----------------------------------------------------------------
    @initialize(changes=SETTINGS)
    def begin(self, changes: dict[str, Any]) -> None:
        self.change_settings(to_json(Programme(welcome_points=300_00)) | changes)
        self.join(0)
        self.join(1)

    @precondition(lambda self: 0 < len(self.people) < 4)
    @rule(invited_by=st.integers(0, 4))
    def join(self, invited_by: int) -> None:
        inviter, code = None, None
        if 0 < invited_by <= len(self.people):
            inviter = list(self.people)[invited_by - 1]
            code = self.run(promo_code(self.core, self.people[inviter]))
        person = Person(inviter)
        if self.model.terms.welcome_points:
            person.earn(self.model.terms.welcome_points, self.model.now, self.model.terms.expiry_days)
        self.people[person] = self.run(enrol(self.core, next(self.ground.numbers), referral_code=code))

    @rule(changes=SETTINGS)
    def change_settings(self, changes: dict[str, Any]) -> None:
        self.model.terms = self.run(self.core.programmes.change(changes))

    @rule(minutes=st.sampled_from([4, 14, 60, 24 * 60, 31 * 24 * 60]))
    def wait(self, minutes: int) -> None:
        self._go(self.model.now + minutes * MINUTE)

    @precondition(lambda self: self._turns())
    @rule(which=WHICH, beside=st.sampled_from([0 * MOMENT, -MOMENT, MOMENT]))
    def wait_until_something_turns(self, which: int, beside: timedelta) -> None:
        self._go(one_of(self._turns(), which) + beside)

    def _turns(self) -> list[datetime]:
        """When something becomes active, expires or comes too late."""
        turns = {moment for person in self.people for lot in person.lots for moment in (lot.starts, lot.ends)}
        for sale in self.model.sales:
            turns |= {sale.quoted + QUOTED} if sale.status == "draft" else set()
            turns |= {sale.moved + PRESSED, sale.moved + HELD} if sale.status == "waiting" else set()
            turns |= {sale.moved + UNDONE} if sale.status == "completed" else set()
        return sorted(turn for turn in turns if self.model.now + MOMENT < turn < NEVER)

    def _go(self, to: datetime) -> None:
        self.model.now = self.ground.clock.at = to

    # --- sales ----------------------------------------------------------------------------------------
    @rule(who=WHICH, total=st.sampled_from([10_000_00, 1_000_00, 333_33, 99, 1]))
    def open(self, who: int, total: int) -> None:
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

    @precondition(lambda self: any(sale.status in SUITED for sale in self.sales))
    @rule(which=WHICH, what=WHICH, points=POINTS_WANTED)
    def press_what_is_there(self, which: int, what: int, points: int | None) -> None:
        sale = one_of([sale for sale in self.sales if sale.status in SUITED], which)
        self._act(one_of(SUITED[sale.status], what), sale, points)

    @precondition(lambda self: self.sales)
    @rule(verb=st.sampled_from(sorted(ANSWERS)), which=WHICH, points=POINTS_WANTED)
    def press_anything(self, verb: str, which: int, points: int | None) -> None:
        self._act(verb, one_of(list(self.sales), which), points)

    @rule()
    def release_overdue(self) -> None:
        due = [sale for sale in self.sales if sale.status == "waiting" and self.model.now >= sale.moved + HELD]
        for sale in due:
            self.model.quote(sale, sale.terms)
        assert self.run(self.core.redemption.release_overdue()) == len(due)
        assert self.run(self.core.redemption.release_overdue()) == 0

    def _act(self, verb: str, sale: Sale, points: int | None) -> None:
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

    # --- always ---------------------------------------------------------------------------------------
    @invariant()
    def everybody_has_what_the_model_says(self) -> None:
        for person, customer in self.people.items():
            found = self.run(self.core.balances.open(actor_of(customer)))
            assert (found.points, found.debt) == (self.model.active(person), person.debt)
            coming = sum(lot.left for lot in person.lots if lot.starts > self.model.now)
            assert sum(portion.points for portion in found.pending) == coming


def one_of(choices: list[Any], which: int) -> Any:
    """The first is the newest."""
    return choices[-1 - which % len(choices)]


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


def test_lives_on_sqlite(sqlite_template: Path, tmp_path: Path) -> None:
    with ground_on_sqlite(sqlite_template, tmp_path) as ground:
        run_state_machine_as_test(lambda: Lives(ground), settings=LIVES)


def test_lives_on_postgres(postgres_template: str) -> None:
    with ground_on_postgres(postgres_template) as ground:
        run_state_machine_as_test(lambda: Lives(ground), settings=LIVES)
