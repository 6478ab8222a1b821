"""Customers' lives by chance: the real verbs on real databases against the model in ledger_model and till_model.

Short by default; ``SOAK=1000`` in the environment lives a thousand longer lives on each database.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from core.domain.expiry import Expiry
from core.domain.programme import Programme, to_json
from core.store.sql import fetch
from tests.conftest import enrol
from tests.core.kit import promo_code
from tests.core.ledger_ground import ground_on_postgres, ground_on_sqlite
from tests.core.ledger_model import NEVER, UNDONE, Person, Sale, life
from tests.core.ledger_sides import BothSides, one_of
from tests.core.till_model import ANSWERS, HELD, PRESSED, QUOTED

SOAK = int(os.environ.get("SOAK", "0"))
LIVES = settings(
    max_examples=SOAK or 12,
    stateful_step_count=50 if SOAK else 30,
    deadline=None,
    derandomize=not SOAK,
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
        "expiry": st.sampled_from([Expiry.NEVER, Expiry.AFTER_DAYS]),
        "expiry_days": st.sampled_from([1, 30]),
        "confirm_redemption": st.booleans(),
        "welcome_points": st.sampled_from([300_00, 0]),
        "referral_inviter_points": st.sampled_from([200_00, 0]),
        "referral_friend_points": st.sampled_from([100_00, 0]),
    },
)
BEGINNING = {
    "expiry": "after_days",
    "expiry_days": 1,
    "welcome_points": 300_00,
    "referral_inviter_points": 200_00,
    "referral_friend_points": 100_00,
}
TOTALS = st.sampled_from([10_000_00, 1_000_00, 333_33, 99])
BESIDE = st.sampled_from([0 * MINUTE, -MOMENT, MOMENT, -4 * MINUTE])
POINTS_WANTED = st.sampled_from([None, 100_00, 1_00, 50, 0, -1_00, 10**9])
WHICH = st.integers(0, 5)
SUITED = {"draft": ["accrue", "spend"], "waiting": ["press", "code", "decline", "stop"], "completed": ["undo"]}


class Lives(BothSides):
    """Sales of a few customers over any stretch of time, whatever is pressed in whatever order."""

    # --- who, by which rules, and when ----------------------------------------------------------------
    @initialize(changes=SETTINGS)
    def begin(self, changes: dict[str, Any]) -> None:
        self.change_settings(to_json(Programme()) | BEGINNING | changes)
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
            person.earn(self.model.terms.welcome_points, self.model.now, life(self.model.terms))
        self.people[person] = self.run(enrol(self.core, next(self.ground.numbers), referral_code=code))

    @rule(changes=SETTINGS)
    def change_settings(self, changes: dict[str, Any]) -> None:
        self.model.terms = self.run(self.core.programmes.change(changes))

    @rule(minutes=st.sampled_from([1, 4, 14, 60, 24 * 60, 31 * 24 * 60]))
    def wait(self, minutes: int) -> None:
        self.go(self.model.now + minutes * MINUTE)

    @precondition(lambda self: self._turns())
    @rule(which=WHICH, beside=BESIDE)
    def wait_until_points_turn(self, which: int, beside: timedelta) -> None:
        self.go(max(self.model.now, one_of(self._turns(), which) + beside))

    def _turns(self) -> list[datetime]:
        """When points will turn active or expire, the latest first."""
        turns = {turn for person in self.people for lot in person.lots for turn in (lot.starts, lot.ends)}
        return sorted((turn for turn in turns if self.model.now < turn < NEVER), reverse=True)

    @precondition(lambda self: self._deadlines())
    @rule(which=WHICH, beside=BESIDE)
    def act_at_the_last_moment(self, which: int, beside: timedelta) -> None:
        deadline, verb, sale = one_of(self._deadlines(), which)
        self.go(max(self.model.now, deadline + beside))
        self.act(verb, sale, None)

    def _deadlines(self) -> list[tuple[datetime, str, Sale]]:
        """What can be done with which sale until when, the newest sale last."""
        times = {"draft": ("quoted", QUOTED, "accrue"), "completed": ("moved", UNDONE, "undo")}
        found = []
        for sale in self.sales:
            if sale.status == "waiting":
                found += [(sale.moved + HELD, "code", sale), (sale.moved + PRESSED, "press", sale)]
            elif sale.status in times:
                since, within, verb = times[sale.status]
                found.append((getattr(sale, since) + within, verb, sale))
        return [each for each in found if each[0] >= self.model.now]

    @rule()
    def sweep_up_what_expired(self) -> None:
        """The entries of what expired change nothing that anybody sees."""
        self.run(self.core.expiries.sweep())
        now = self.ground.clock.now()
        left = self.run(fetch("SELECT id FROM lot WHERE remaining > 0 AND expires_at <= $1", now))
        assert not left

    # --- sales ----------------------------------------------------------------------------------------
    @rule(who=WHICH, total=TOTALS, then=st.sampled_from([["accrue"], ["spend", "press"], ["spend"], []]))
    def buy(self, who: int, total: int, then: list[str]) -> None:
        sale = self.open(who, total)
        for verb in then:
            self.act(verb, sale, None)

    @rule(who=WHICH, then=st.sampled_from(["spend", "accrue"]), last=st.sampled_from(["press", "code", "stop"]))
    def sell_at_two_tills_at_once(self, who: int, then: str, last: str) -> None:
        one, two = self.open(who, 10_000_00), self.open(who, 10_000_00)
        self.act("spend", one, None)
        self.act(then, two, None)
        self.open(who, 1_000_00)
        self.act(last, one, None)

    @rule(who=WHICH, spends=st.sampled_from(["inviter", "self"]))
    def regret_what_was_spent(self, who: int, spends: str) -> None:
        """Chance alone seldom leaves a debt."""
        earned = self.open(who, 10_000_00)
        self.act("accrue", earned, None)
        inviter = earned.person.inviter
        if spends == "inviter" and inviter is not None:
            who = -1 - list(self.people).index(inviter)
        self.buy(who, 10_000_00, ["spend", "press"])
        self.act("undo", earned, None)

    @precondition(lambda self: any(sale.status == "completed" for sale in self.sales))
    @rule(which=WHICH, amount=st.sampled_from([333_33, 1, 1_000_00, 5_000_00, 0, None]), times=st.integers(1, 3))
    def refund_in_parts(self, which: int, amount: int | None, times: int) -> None:
        sale = one_of([sale for sale in self.sales if sale.status == "completed"], which)
        for _ in range(times):
            self.refund(sale, amount)

    @precondition(lambda self: self._ends())
    @rule(which=WHICH, then=st.sampled_from(["undo", "press"]))
    def sell_over_an_expiry(self, which: int, then: str) -> None:
        end, who = one_of(self._ends(), which)
        self.go(max(self.model.now, end - 4 * MINUTE))
        sale = self.open(who, 10_000_00)
        for verb in ("spend", "press") if then == "undo" else ("spend",):
            self.act(verb, sale, None)
        self.go(end)
        self.act(then, sale, None)

    def _ends(self) -> list[tuple[datetime, int]]:
        """When whose points will expire, the latest first; people are counted as one_of does."""
        whose = {
            (lot.ends, -1 - number) for number, each in enumerate(self.people) for lot in each.lots if lot.left
        }
        return sorted(((end, who) for end, who in whose if self.model.now < end < NEVER), reverse=True)

    @precondition(lambda self: any(sale.status in SUITED for sale in self.sales))
    @rule(which=WHICH, what=WHICH, points=POINTS_WANTED)
    def press_what_is_there(self, which: int, what: int, points: int | None) -> None:
        sale = one_of([sale for sale in self.sales if sale.status in SUITED], which)
        self.act(one_of(SUITED[sale.status], what), sale, points)

    @precondition(lambda self: self.sales)
    @rule(verb=st.sampled_from(sorted(ANSWERS)), which=WHICH, points=POINTS_WANTED)
    def press_anything(self, verb: str, which: int, points: int | None) -> None:
        self.act(verb, one_of(list(self.sales), which), points)

    @rule()
    def release_overdue(self) -> None:
        due = [sale for sale in self.sales if sale.status == "waiting" and self.model.now >= sale.moved + HELD]
        for sale in due:
            self.model.quote(sale, sale.terms)
        assert self.run(self.core.redemption.release_overdue()) == len(due)
        assert self.run(self.core.redemption.release_overdue()) == 0


def test_lives_on_sqlite(sqlite_template: Path, tmp_path: Path) -> None:
    with ground_on_sqlite(sqlite_template, tmp_path) as ground:
        run_state_machine_as_test(lambda: Lives(ground), settings=LIVES)


def test_lives_on_postgres(postgres_template: str) -> None:
    with ground_on_postgres(postgres_template) as ground:
        run_state_machine_as_test(lambda: Lives(ground), settings=LIVES)
