"""The ledger in pure form: examples of order, expiry and undoing, and a machine that tries everything."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.domain.account import Account
from core.domain.errors import PointsNotEnough
from core.domain.lots import EntryKind, Lot, Posting, active_balance

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
GRACE = timedelta(days=14)


def lot(number: int, points: int, *, expires: datetime | None = None, age: int = 0, granted: int = 0) -> Lot:
    return Lot(number, granted or points, points, NOW - age * DAY, expires, NOW - age * DAY, entry_id=number)


def account(*lots: Lot, debt: int = 0) -> Account:
    return Account(7, debt, list(lots))


def left(of: Account) -> dict[int | None, int]:
    return {each.id: each.remaining for each in of.lots}


def test_points_are_consumed_soonest_to_expire_first_then_oldest() -> None:
    never_old, never_new = lot(1, 10, age=9), lot(2, 10, age=1)
    soon, later, same_day = lot(3, 10, expires=NOW + DAY), lot(4, 10, expires=NOW + 9 * DAY), lot(5, 10, age=2)
    same_day.expires_at = NOW + 9 * DAY
    order = [3, 5, 4, 1, 2]
    found = account(never_new, later, never_old, same_day, soon)
    for spent, number in enumerate(order):
        found.redeem(10, key=str(spent), now=NOW, purchase_id=None)
        assert left(found)[number] == 0
        assert sum(left(found).values()) == 50 - 10 * (spent + 1)


def test_what_is_not_active_is_not_spent() -> None:
    waiting, gone, good = lot(1, 10), lot(2, 10, expires=NOW), lot(3, 10, expires=NOW + timedelta(microseconds=1))
    waiting.activates_at = NOW + timedelta(microseconds=1)
    found = account(waiting, gone, good)
    assert found.active(NOW) == 10
    with pytest.raises(PointsNotEnough) as refusal:
        found.redeem(11, key="a", now=NOW, purchase_id=None)
    assert refusal.value.data == {"limit": 10, "wanted": 11, "step": 1}
    assert left(found) == {1: 10, 2: 10, 3: 10}
    assert not found.postings
    found.redeem(10, key="a", now=NOW, purchase_id=None)
    assert left(found) == {1: 10, 2: 10, 3: 0}


@pytest.mark.parametrize(
    "bought_at",
    [
        datetime(2026, 3, 28, 12, 0, tzinfo=ZoneInfo("Europe/Berlin")),  # the clocks go forward in the night
        datetime(2026, 10, 24, 12, 0, tzinfo=ZoneInfo("Europe/Berlin")),  # and back
        datetime(2028, 2, 28, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
    ],
)
def test_one_day_is_exactly_24_hours(bought_at: datetime) -> None:
    bought = bought_at.astimezone(UTC)
    found = account()
    found.grant(
        EntryKind.ACCRUAL, 10, key="a", now=bought, activates_at=bought + timedelta(hours=24), expires_at=None
    )
    assert found.active(bought + timedelta(hours=23, minutes=59, seconds=59)) == 0
    assert found.active(bought + timedelta(hours=24)) == 10


def test_what_is_owed_is_repaid_from_the_next_grant() -> None:
    found = account(debt=30)
    first = found.grant(EntryKind.ACCRUAL, 20, key="a", now=NOW, activates_at=NOW, expires_at=None)
    assert (found.debt, found.active(NOW), first.debt_change, first.points) == (10, 0, -20, 20)
    second = found.grant(EntryKind.GIFT, 25, key="b", now=NOW, activates_at=NOW, expires_at=None)
    assert (found.debt, found.active(NOW), second.debt_change) == (0, 15, -10)


def test_taking_back_goes_to_the_own_lot_then_the_others_then_into_debt() -> None:
    found = account(lot(1, 5, granted=10), lot(2, 3, expires=NOW + DAY), lot(3, 4))
    posting = found.take_back(15, key="u", own_lot_id=1, now=NOW, reason="undone")
    assert [(draw.lot.id, draw.points) for draw in posting.draws] == [(1, 5), (2, 3), (3, 4)]
    assert (posting.debt_change, found.debt, found.active(NOW)) == (3, 3, 0)


def test_taking_back_leaves_alone_what_expired_elsewhere() -> None:
    found = account(lot(1, 0, granted=10), lot(2, 10, expires=NOW))
    found.take_back(10, key="u", own_lot_id=1, now=NOW, reason="undone")
    assert (left(found)[2], found.debt) == (10, 10)


def test_what_expired_unspent_is_not_taken_twice() -> None:
    found = account(lot(1, 10, expires=NOW), lot(2, 10))
    found.take_back(10, key="u", own_lot_id=1, now=NOW, reason="undone")
    assert (left(found), found.debt) == ({1: 0, 2: 10}, 0)


def test_returned_points_go_where_they_came_from() -> None:
    found = account(lot(1, 10, expires=NOW + DAY), lot(2, 10))
    spent = found.redeem(15, key="r", now=NOW, purchase_id=1)
    draws = [(draw.lot.id or 0, draw.points) for draw in spent.draws]
    assert draws == [(1, 10), (2, 5)]
    found.give_back(draws, key="u", now=NOW, grace=GRACE, reason="undone")
    assert left(found) == {1: 10, 2: 10}


def test_an_expired_lot_gets_a_grace_for_what_returns_and_not_for_its_rest() -> None:
    found = account(lot(1, 10, expires=NOW + DAY))
    found.redeem(4, key="r", now=NOW, purchase_id=1)
    later = NOW + 2 * DAY
    assert found.active(later) == 0
    found.give_back([(1, 4)], key="u", now=later, grace=GRACE, reason="undone")
    assert found.active(later) == 4
    assert found.active(later + GRACE - timedelta(microseconds=1)) == 4
    assert found.active(later + GRACE) == 0
    kinds = [(posting.kind, posting.points) for posting in found.postings]
    assert kinds == [(EntryKind.REDEMPTION, -4), (EntryKind.EXPIRY, -6), (EntryKind.REVERSAL, 4)]


def test_returned_points_repay_a_debt_first() -> None:
    found = account(lot(1, 0, granted=10), debt=6)
    posting = found.give_back([(1, 10)], key="u", now=NOW, grace=GRACE, reason="undone")
    assert (found.active(NOW), found.debt, posting.debt_change, posting.points) == (4, 0, -6, 10)


def test_nothing_is_granted_or_redeemed_but_more_than_nothing() -> None:
    found = account(lot(1, 10))
    for points in (0, -1):
        with pytest.raises(ValueError, match="positive"):
            found.redeem(points, key="r", now=NOW, purchase_id=None)
        with pytest.raises(ValueError, match="positive"):
            found.grant(EntryKind.GIFT, points, key="g", now=NOW, activates_at=NOW, expires_at=None)
    assert not found.postings


def test_equal_lots_are_consumed_as_they_were_written() -> None:
    found = account(lot(2, 10), lot(3, 10), lot(1, 10))
    found.redeem(15, key="r", now=NOW, purchase_id=None)
    assert left(found) == {1: 0, 2: 5, 3: 10}


def test_a_lot_never_leaves_its_bounds() -> None:
    found = account(lot(1, 4, granted=10))
    with pytest.raises(AssertionError, match="bounds"):
        found.give_back([(1, 7)], key="u", now=NOW, grace=GRACE, reason="undone")
    found = account(lot(1, 4, granted=10))
    posting = Posting(EntryKind.REVERSAL, -5, "u")
    with pytest.raises(AssertionError, match="bounds"):
        found._take(posting, found.lots[0], 5)
    assert not posting.draws


def test_nothing_unbalanced_is_posted() -> None:
    found = account(lot(1, 10))
    with pytest.raises(AssertionError, match="unbalanced"):
        found._post(Posting(EntryKind.REDEMPTION, -5, "r"))
    with pytest.raises(AssertionError, match="unbalanced"):
        account(lot(1, 10), debt=-1).redeem(5, key="r", now=NOW, purchase_id=None)
    assert not found.postings


def test_an_empty_lot_has_nothing_to_expire() -> None:
    found = account(lot(1, 0, granted=5, expires=NOW))
    assert found.expire_lot(found.lots[0], key="e") is None


@given(st.lists(st.tuples(st.integers(1, 1000), st.integers(-5, 5), st.none() | st.integers(-5, 5)), max_size=8))
def test_the_balance_is_what_lies_between_activation_and_expiry(lots: list[tuple[int, int, int | None]]) -> None:
    made = [
        Lot(n, p, p, NOW + a * DAY, None if e is None else NOW + e * DAY, NOW) for n, (p, a, e) in enumerate(lots)
    ]
    expected = sum(p for p, a, e in lots if a <= 0 and (e is None or e > 0))
    assert active_balance(made, NOW) == expected


class Ledger(RuleBasedStateMachine):
    """Any order of verbs over any stretch of time, against the rules of the ledger."""

    @initialize()
    def begin(self) -> None:
        self.now = NOW
        self.account = account()
        self.redemptions: list[tuple[str, list[tuple[int, int]]]] = []
        self.grants: list[tuple[int, int]] = []
        self.keys = 0

    def _key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    def _number(self) -> None:
        """What writing the account would do: give new lots their ids."""
        for number, each in enumerate(self.account.lots, start=1):
            each.id = each.entry_id = number

    def _is_untouched_by(self, before: tuple[object, ...]) -> bool:
        return before == self._picture()

    def _picture(self) -> tuple[object, ...]:
        lots = tuple((each.id, each.remaining, each.expires_at) for each in self.account.lots)
        return (lots, self.account.debt, len(self.account.postings))

    @rule(points=st.integers(1, 500), delay=st.integers(0, 3), days=st.none() | st.integers(1, 5))
    def grant(self, points: int, delay: int, days: int | None) -> None:
        activates = self.now + delay * DAY
        expires = activates + days * DAY if days else None
        self.account.grant(
            EntryKind.ACCRUAL, points, key=self._key(), now=self.now, activates_at=activates, expires_at=expires
        )
        self._number()
        self.grants.append((len(self.account.lots), points))

    @rule(points=st.integers(1, 800))
    def redeem(self, points: int) -> None:
        before, available = self._picture(), self.account.active(self.now)
        key = self._key()
        if points > available:
            with pytest.raises(PointsNotEnough):
                self.account.redeem(points, key=key, now=self.now, purchase_id=None)
            assert self._is_untouched_by(before)
            return
        posting = self.account.redeem(points, key=key, now=self.now, purchase_id=None)
        assert self.account.active(self.now) == available - points
        self.redemptions.append((key, [(draw.lot.id or 0, draw.points) for draw in posting.draws]))

    @precondition(lambda self: self.redemptions)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        key, draws = self.redemptions.pop(data.draw(st.integers(0, len(self.redemptions) - 1)))
        total, debt = sum(points for _, points in draws), self.account.debt
        available = self.account.active(self.now)
        self.account.give_back(draws, key=f"undo:{key}", now=self.now, grace=GRACE, reason="undone")
        assert self.account.debt == max(0, debt - total)
        assert self.account.active(self.now) == available + max(0, total - debt)

    @precondition(lambda self: self.grants)
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        number, points = self.grants.pop(data.draw(st.integers(0, len(self.grants) - 1)))
        debt, active = self.account.debt, self.account.active(self.now)
        self.account.take_back(points, key=self._key(), own_lot_id=number, now=self.now, reason="undone")
        assert self.account.debt >= debt
        assert active - points <= self.account.active(self.now) <= active
        if self.account.debt > debt:
            assert self.account.active(self.now) == 0

    @rule(hours=st.integers(1, 60))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @precondition(lambda self: any(each.is_expired(self.now) for each in self.account.lots))
    @rule()
    def sweep(self) -> None:
        active = self.account.active(self.now)
        for each in self.account.lots:
            if each.is_expired(self.now):
                self.account.expire_lot(each, key=self._key())
                assert each.remaining == 0
        assert self.account.active(self.now) == active

    @invariant()
    def entries_are_lots_less_debt(self) -> None:
        entries = sum(posting.points for posting in self.account.postings)
        assert entries == sum(each.remaining for each in self.account.lots) - self.account.debt

    @invariant()
    def nothing_is_below_zero(self) -> None:
        assert self.account.debt >= 0
        assert all(0 <= each.remaining <= each.granted for each in self.account.lots)

    @invariant()
    def every_lot_is_what_was_granted_less_its_draws(self) -> None:
        drawn = {id(each): 0 for each in self.account.lots}
        for posting in self.account.postings:
            assert posting.is_balanced()
            for draw in posting.draws:
                drawn[id(draw.lot)] += draw.points
        assert all(each.remaining == each.granted - drawn[id(each)] for each in self.account.lots)

    @invariant()
    def keys_are_used_once(self) -> None:
        keys = [posting.key for posting in self.account.postings]
        assert len(keys) == len(set(keys))


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
