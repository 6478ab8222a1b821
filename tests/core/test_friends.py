"""A friend's reward: the least purchase, the wait, circles, one person twice, and so many friends a month."""

import asyncio
from datetime import UTC, datetime

import pytest

from core.actors import StaffActor
from core.check import check_ledger
from core.domain.errors import PromoCodeCircle, PromoCodeOwn
from core.domain.refund import Wanted
from core.friends import month_of
from core.services import Services
from core.store.sql import decoded, fetch
from tests.conftest import ManualClock, enrol
from tests.core.kit import actor_of, buy, fresh_key, points_of, promo_code

BOTH = {"referral_inviter_points": 100_00, "referral_friend_points": 50_00}


async def invited(core: Services, inviter: int, *numbers: int) -> list[int]:
    code = await promo_code(core, inviter)
    return [await enrol(core, number, referral_code=code) for number in numbers]


async def told(template: str) -> list[int]:
    """Whom the outbox tells by this template."""
    rows = await fetch("SELECT customer_id FROM message WHERE template = $1 ORDER BY id", f"notice/{template}")
    return [row["customer_id"] for row in rows]


async def part_back(core: Services, cashier: StaffActor, purchase: int, amount: int) -> None:
    await core.refunds.refund(cashier, purchase, Wanted(amount=amount), key=fresh_key("back"))


async def test_the_first_purchase_of_the_least_sum_counts(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change(BOTH | {"referral_min_purchase": 500_00})
    inviter = await enrol(core, 1)
    (friend,) = await invited(core, inviter, 2)
    await buy(core, cashier, friend, 499_99)
    assert await points_of(core, inviter) == 0
    big = await buy(core, cashier, friend, 500_00)
    assert (await points_of(core, inviter), await points_of(core, friend)) == (100_00, 99_00)
    await part_back(core, cashier, big, 1)
    assert await points_of(core, inviter) == 0, "less than the least purchase is left"
    await buy(core, cashier, friend, 600_00)
    assert await points_of(core, inviter) == 100_00
    assert not (await check_ledger()).findings


async def test_the_reward_waits_and_is_given_once(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    await core.programmes.change(BOTH | {"referral_wait_days": 14})
    inviter = await enrol(core, 1)
    (friend,) = await invited(core, inviter, 2)
    first = await buy(core, cashier, friend, 100_00)
    await core.programmes.change({"referral_inviter_points": 1_00, "referral_friend_points": 1_00})
    await buy(core, cashier, friend, 100_00)
    clock.forward(days=13, hours=23)
    await core.friend_rewards.sweep(clock.now())
    seen = await core.referrals.invitation(actor_of(inviter))
    assert (seen.came, seen.bought, seen.waiting, seen.earned) == (1, 1, 1, 0)
    clock.forward(hours=1)
    await asyncio.gather(*(core.friend_rewards.sweep(clock.now()) for _ in range(3)))
    assert (await points_of(core, inviter), await points_of(core, friend)) == (100_00, 60_00)
    seen = await core.referrals.invitation(actor_of(inviter))
    assert (seen.bought, seen.waiting, seen.earned) == (1, 0, 100_00)
    assert (await told("friend_bought"), await told("friend_gift")) == ([inviter], [friend])
    await core.refunds.refund(cashier, first, key="one")
    assert await points_of(core, inviter) == 100_00, "another purchase stands"
    assert not (await check_ledger()).findings


async def test_what_is_refunded_while_it_waits_brings_nothing(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await core.programmes.change(BOTH | {"referral_wait_days": 10, "referral_min_purchase": 100_00})
    inviter = await enrol(core, 1)
    gone, stays, less = await invited(core, inviter, 2, 3, 4)
    bought = {each: await buy(core, cashier, each, 200_00) for each in (gone, stays, less)}
    clock.forward(days=3)
    await core.refunds.refund(cashier, bought[gone], key="gone")
    await core.refunds.refund(cashier, bought[stays], key="stays")
    await part_back(core, cashier, bought[less], 150_00)
    await buy(core, cashier, stays, 300_00)
    assert (await core.referrals.invitation(actor_of(inviter))).waiting == 1
    clock.forward(days=8)
    await core.friend_rewards.sweep(clock.now())
    assert await points_of(core, inviter) == 0
    clock.forward(days=2)  # ten days after the purchase that stands
    await core.friend_rewards.sweep(clock.now())
    assert await points_of(core, inviter) == 100_00
    await buy(core, cashier, less, 100_00)
    clock.forward(days=10)
    await core.friend_rewards.sweep(clock.now())
    assert await points_of(core, inviter) == 200_00
    assert not (await check_ledger()).findings


async def test_no_circle_of_any_length(core: Services) -> None:
    people = [await enrol(core, number) for number in range(1, 5)]
    codes = [await promo_code(core, each) for each in people]
    for place in range(3):
        await core.referrals.claim(actor_of(people[place]), codes[place + 1])
    with pytest.raises(PromoCodeCircle):
        await core.referrals.claim(actor_of(people[3]), codes[0])

    people = [await enrol(core, number) for number in range(11, 15)]
    codes = [await promo_code(core, each) for each in people]
    outcomes = await asyncio.gather(
        *(core.referrals.claim(actor_of(people[at]), codes[(at + 1) % 4]) for at in range(4)),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["Claimed"] * 3 + ["PromoCodeCircle"]


async def test_one_person_with_two_phones_is_no_friend(core: Services) -> None:
    """The inviter's account registers another phone, after the inviter went on from another account."""
    inviter = await enrol(core, 1, "79000000001")
    code = await promo_code(core, inviter)
    await enrol(core, 2, "79000000001")
    again = await enrol(core, 1, "79000000009", referral_code=code)
    assert again != inviter
    (row,) = await fetch("SELECT referred_by_id FROM customer WHERE id = $1", again)
    assert row["referred_by_id"] is None
    with pytest.raises(PromoCodeOwn):
        await core.referrals.claim(actor_of(again), code)


async def test_no_more_than_so_many_friends_a_month_also_at_once(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await core.programmes.change(BOTH | {"referral_month_limit": 2})
    inviter = await enrol(core, 1)
    friends = await invited(core, inviter, 2, 3, 4, 5)
    sales = [await core.till.open_sale(cashier, each, 100_00, key=fresh_key()) for each in friends]
    await asyncio.gather(*(core.till.accrue(cashier, sale.purchase_id) for sale in sales))
    assert await points_of(core, inviter) == 200_00
    assert [await points_of(core, each) for each in friends] == [55_00] * 4
    assert (len(await told("friend_bought")), await told("friend_over_limit")) == (2, [inviter] * 2)
    rows = await fetch("SELECT data FROM message WHERE template = 'notice/friend_over_limit'")
    data = decoded(rows[0]["data"])
    assert (data["limit"], data["until_at"]) == (2, "2026-03-31T21:00:00+00:00")
    clock.at = datetime(2026, 3, 31, 21, 0, tzinfo=UTC)  # April has begun in the branch
    (fifth,) = await invited(core, inviter, 6)
    await buy(core, cashier, fifth, 100_00)
    assert await points_of(core, inviter) == 300_00
    assert not (await check_ledger()).findings


def test_a_month_is_the_branchs() -> None:
    at = datetime(2026, 12, 31, 22, 0, tzinfo=UTC)
    begins, ends = month_of(at, "Europe/Moscow")
    assert (begins.isoformat(), ends.isoformat()) == ("2026-12-31T21:00:00+00:00", "2027-01-31T21:00:00+00:00")
    assert month_of(at, "UTC")[1] == datetime(2027, 1, 1, tzinfo=UTC)


async def test_a_purchase_whose_reward_was_taken_back_brings_none_when_another_one_falls(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    """The terms became easier meanwhile, so that what is left of it would do again."""
    await core.programmes.change(BOTH | {"referral_min_purchase": 1_000_00})
    inviter = await enrol(core, 1)
    friend, other = await invited(core, inviter, 2, 3)
    first = await buy(core, cashier, friend, 1_500_00)
    await part_back(core, cashier, first, 1_000_00)
    await core.programmes.change({"referral_min_purchase": 400_00, "referral_wait_days": 3})
    second = await buy(core, cashier, friend, 450_00)
    await buy(core, cashier, other, 450_00)
    await core.refunds.refund(cashier, second, key="second")
    assert await points_of(core, inviter) == 0
    clock.forward(days=4)
    await core.friend_rewards.sweep(clock.now())
    assert await points_of(core, inviter) == 100_00, "the other friend's reward is given"
    assert not (await check_ledger()).findings
