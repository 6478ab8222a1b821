"""Points that expired unspent on either side of a merge: a refund takes what it would take without the merge."""

import asyncio
import contextvars
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from core.actors import StaffActor
from core.check import check_ledger
from core.domain.people import Role
from core.domain.refund import WHOLE, Wanted
from core.sales import lock_sale
from core.services import Services
from core.store import customers
from core.store.sql import fetch, is_postgres
from core.store.transactions import run_in_transaction
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import buy, fresh_key, points_of, promo_code

IN_PARTS = (Wanted(150_00), Wanted(333_33), WHOLE)


@dataclass
class Life:
    """One person: with two records that are merged on a day, or with one record from the beginning."""

    core: Services
    staff: StaffActor
    clock: ManualClock
    first: int
    second: int
    swept: bool
    merged_on: tuple[int, ...] = ()
    thirds: list[int] = field(default_factory=list)
    day: int = 0

    async def until(self, day: int) -> None:
        """Let the days pass, with their sweeps, and the merges that fall on them."""
        while self.day < day:
            self.clock.forward(days=1)
            self.day += 1
            if self.swept:
                await self.core.expiries.sweep()
            if self.day in self.merged_on:
                await self.merge()

    async def merge(self) -> None:
        kept, other = (self.second, self.first) if self.first != self.second else (self.thirds.pop(), self.second)
        await self.core.merging.merge(self.staff, kept, other)
        self.first = self.second = kept

    async def spend(self, customer_id: int, total: int, points: int) -> int:
        sale = await self.core.till.open_sale(self.staff, customer_id, total, key=fresh_key())
        done = await self.core.redemption.spend(self.staff, sale.purchase_id, points, key=fresh_key())
        assert done.status == "completed"
        return done.purchase_id

    async def stands(self) -> tuple[int, int]:
        """The balance, which a late sweep must not change, and the debt."""
        before = await points_of(self.core, self.second)
        await self.core.expiries.sweep()
        row = await customers.get(self.second)
        assert row is not None
        assert await points_of(self.core, self.second) == before
        assert (await check_ledger()).findings == ()
        return before, row.debt


@dataclass
class World:
    core: Services
    staff: StaffActor
    clock: ManualClock

    async def life(self, phone: int, *, swept: bool, merged_on: tuple[int, ...] = ()) -> Life:
        first = await enrol(self.core, phone, f"7900000{phone:04}")
        others = [
            await enrol(self.core, phone + n, f"7900000{phone + n:04}") for n in range(1, len(merged_on) + 1)
        ]
        second, thirds = (others[0], others[1:]) if others else (first, [])
        return Life(self.core, self.staff, self.clock, first, second, swept, merged_on, thirds)


@pytest.fixture
async def world(core: Services, clock: ManualClock) -> World:
    await core.programmes.change({"expiry": "after_days", "expiry_days": 10, "confirm_redemption": False})
    return World(core, await hire(core, 9002, Role.MANAGER), clock)


async def lived(life: Life, *, spent: int, other: int, parts: tuple[Wanted, ...]) -> list[tuple[int, int]]:
    """What the person has and owes after each refund of a purchase whose points expired on the tenth day."""
    purchase = await buy(life.core, life.staff, life.first, 1_000_00)
    if spent:
        await life.spend(life.first, 60_00, spent)
    await life.until(5)
    await buy(life.core, life.staff, life.second, other)
    await life.until(13)
    seen = [await life.stands()] if life.swept else []
    for part in parts:
        quoted = await life.core.refunds.quote_refund(life.staff, purchase, part)
        view = await life.core.refunds.refund(life.staff, purchase, part, key=fresh_key())
        assert (view.balance, view.debt, view.taken_back) == (quoted.balance, quoted.debt, quoted.taken_back)
        seen.append((view.balance, view.debt))
        if life.swept:
            assert await life.stands() == seen[-1]
    assert await life.stands() == seen[-1]
    return seen[-len(parts) :]


@pytest.mark.parametrize(
    ("merged_on", "spent", "other"),
    [
        ((1,), 30_00, 1_200_00),
        ((12,), 0, 1_200_00),
        ((12,), 30_00, 200_00),
        ((1, 12), 30_00, 1_200_00),
        ((12, 13), 0, 200_00),
    ],
    ids=str,
)
async def test_a_refund_takes_what_it_would_take_without_the_merge(
    world: World, merged_on: tuple[int, ...], spent: int, other: int
) -> None:
    """Expired after the merge, before it, after one of two, before both; swept in time or too late."""
    found = []
    for number, (days, swept) in enumerate([((), True), (merged_on, True), (merged_on, False)]):
        for at, parts in enumerate([(WHOLE,), IN_PARTS]):
            life = await world.life(100 * (number + 1) + 10 * at, swept=swept, merged_on=days)
            found.append(await lived(life, spent=spent, other=other, parts=parts))
    whole, in_parts = found[:2]
    left = other // 20 - spent  # of the newer points, without the older ones that were spent and are taken back
    assert whole == in_parts[-1:] == [(max(0, left), max(0, -left))]
    assert found == [whole, in_parts] * 3


@pytest.mark.parametrize("swept", [True, False])
async def test_undoing_a_sale_whose_points_expired_before_the_merge_takes_no_others(
    world: World, swept: bool
) -> None:
    life = await world.life(1, swept=swept, merged_on=(2,))
    purchase = await buy(world.core, world.staff, life.first, 1_000_00)
    await buy(world.core, world.staff, life.second, 400_00)
    soon = world.clock.now() + timedelta(minutes=1)
    await fetch("UPDATE lot SET expires_at = $2 WHERE customer_id = $1", life.first, soon)
    world.clock.forward(minutes=1)
    if swept:
        assert await world.core.expiries.sweep() == 1
    await life.merge()
    for _ in range(2):
        await world.core.refunds.undo(world.staff, purchase)
        assert await life.stands() == (20_00, 0)


@pytest.mark.parametrize("swept", [True, False])
async def test_rewards_that_expired_before_both_sides_were_merged_are_not_taken_twice(
    world: World, swept: bool
) -> None:
    core, staff = world.core, world.staff
    await core.programmes.change({"referral_inviter_points": 100_00, "referral_friend_points": 50_00})
    inviter = await enrol(core, 1)
    friend = await enrol(core, 2, referral_code=await promo_code(core, inviter))
    purchase = await buy(core, staff, friend, 100_00)
    world.clock.forward(days=11)
    if swept:
        assert await core.expiries.sweep() == 3
    await core.programmes.change({"welcome_points": 20_00})
    sides = []
    for number, other in enumerate((inviter, friend)):
        kept = await enrol(core, 3 + number)
        await core.merging.merge(staff, kept, other)
        sides.append(Life(core, staff, world.clock, kept, kept, swept))
    view = await core.refunds.refund(staff, purchase, key=fresh_key())
    assert (view.gift, view.balance, view.debt) == (50_00, 20_00, 0)
    assert [await side.stands() for side in sides] == [(20_00, 0)] * 2

    again = await buy(core, staff, sides[1].second, 100_00)
    assert [await side.stands() for side in sides] == [(120_00, 0), (75_00, 0)]
    await core.refunds.refund(staff, again, key=fresh_key())
    assert [await side.stands() for side in sides] == [(20_00, 0)] * 2


async def test_the_sweep_leaves_the_old_row_alone_while_a_refund_has_it(world: World) -> None:
    if not is_postgres():
        return  # there, one writes at a time
    life = await world.life(1, swept=False, merged_on=(12,))
    purchase = await buy(world.core, world.staff, life.first, 1_000_00)
    await life.until(12)

    async def sweep() -> int:
        return await world.core.expiries.sweep()

    async def refunding() -> int:
        await lock_sale(purchase, with_former=True)
        # In a context of its own, as another process would be: not in this transaction.
        return await asyncio.create_task(sweep(), context=outside)

    outside = contextvars.copy_context()
    assert await run_in_transaction(refunding) == 0
    assert await world.core.expiries.sweep() == 1


@pytest.mark.parametrize("merged_on", [(), (1,), (12,), (16,), (12, 16)], ids=str)
async def test_points_that_expired_before_a_grace_are_taken_once_in_whatever_order(
    world: World, merged_on: tuple[int, ...]
) -> None:
    """The purchase that earned the points and the one that spent a part of them are refunded, either first."""
    found = set()
    for number, swept in enumerate([True, False]):
        for order in (0, 1):
            phone = 100 * number + 10 * order + 1
            life = await world.life(phone, swept=swept, merged_on=merged_on)
            earned = await buy(world.core, world.staff, life.first, 2_000_00)  # 100 points
            spent = await life.spend(life.first, 120_00, 60_00)
            await life.until(14)  # 40 of them expired on the tenth day
            await buy(world.core, world.staff, life.second, 4_000_00)
            await world.core.refunds.refund(world.staff, (spent, earned)[order], key=fresh_key())
            await life.until(17)
            await world.core.refunds.refund(world.staff, (earned, spent)[order], key=fresh_key())
            found.add(await life.stands())
    assert found == {(200_00, 0)}
