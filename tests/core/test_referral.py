"""Inviting friends: both are paid after the friend's first purchase, once, and only while it stands."""

import asyncio
from typing import Any

import pytest

from core.actors import CustomerActor, StaffActor
from core.check import check_ledger
from core.domain.errors import PromoCodeCircle, PromoCodeOwn, PromoCodeTooLate, PromoCodeUnknown
from core.referrals import Claimed
from core.services import Services
from core.store.sql import decoded, fetch
from tests.conftest import ManualClock, enrol
from tests.core.kit import actor_of, buy, points_of, promo_code

BOTH = {"referral_inviter_points": 100_00, "referral_friend_points": 50_00}


async def two_friends(core: Services) -> tuple[int, int]:
    """An inviter and a friend who came by their code."""
    await core.programmes.change(BOTH)
    inviter = await enrol(core, 1)
    return inviter, await enrol(core, 2, referral_code=await promo_code(core, inviter))


async def test_both_are_paid_after_the_first_purchase_only(core: Services, cashier: StaffActor) -> None:
    inviter, friend = await two_friends(core)
    assert (await points_of(core, inviter), await points_of(core, friend)) == (0, 0)
    await buy(core, cashier, friend, 100_00)
    assert (await points_of(core, inviter), await points_of(core, friend)) == (100_00, 55_00)
    await buy(core, cashier, friend, 100_00)
    assert (await points_of(core, inviter), await points_of(core, friend)) == (100_00, 60_00)
    seen = await core.referrals.invitation(actor_of(inviter))
    assert (seen.came, seen.bought, seen.earned) == (1, 1, 100_00)
    assert not (await check_ledger()).findings


async def test_a_claimed_code_pays_like_a_link(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change(BOTH)
    inviter, friend = await enrol(core, 1), await enrol(core, 2)
    code = await promo_code(core, inviter)
    await core.referrals.claim(actor_of(friend), code.lower())
    await core.referrals.claim(actor_of(friend), code)
    await buy(core, cashier, friend, 100_00)
    assert (await points_of(core, inviter), await points_of(core, friend)) == (100_00, 55_00)


async def test_codes_that_are_refused(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    one, two, three = await enrol(core, 1), await enrol(core, 2), await enrol(core, 3)
    codes = {customer: await promo_code(core, customer) for customer in (one, two, three)}
    with pytest.raises(PromoCodeUnknown):
        await core.referrals.claim(actor_of(one), "NOSUCH")
    with pytest.raises(PromoCodeOwn):
        await core.referrals.claim(actor_of(one), codes[one])
    await core.referrals.claim(actor_of(one), codes[two])
    with pytest.raises(PromoCodeCircle):  # mutual
        await core.referrals.claim(actor_of(two), codes[one])
    with pytest.raises(PromoCodeTooLate):  # a second code
        await core.referrals.claim(actor_of(one), codes[three])
    await buy(core, cashier, three, 100_00)
    with pytest.raises(PromoCodeTooLate):  # after a purchase
        await core.referrals.claim(actor_of(three), codes[one])
    late = await enrol(core, 4)
    clock.forward(days=7)
    await core.referrals.claim(actor_of(late), codes[one])
    late = await enrol(core, 5)
    clock.forward(days=7, seconds=1)
    with pytest.raises(PromoCodeTooLate):
        await core.referrals.claim(actor_of(late), codes[one])
    await core.programmes.change({"referral_on": False})
    with pytest.raises(PromoCodeUnknown):
        await core.referrals.claim(actor_of(await enrol(core, 6)), codes[one])


async def test_two_who_name_each_other_at_once_are_not_both_taken(core: Services) -> None:
    for pair in range(5):
        one, two = await enrol(core, 10 + 2 * pair), await enrol(core, 11 + 2 * pair)
        codes = [await promo_code(core, two), await promo_code(core, one)]
        outcomes = await asyncio.gather(
            core.referrals.claim(actor_of(one), codes[0]),
            core.referrals.claim(actor_of(two), codes[1]),
            return_exceptions=True,
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Claimed", "PromoCodeCircle"]


async def test_an_undone_first_purchase_takes_both_rewards_back(core: Services, cashier: StaffActor) -> None:
    inviter, friend = await two_friends(core)
    first = await buy(core, cashier, friend, 100_00)
    await core.refunds.undo(cashier, first)
    assert (await points_of(core, inviter), await points_of(core, friend)) == (0, 0)
    assert not (await check_ledger()).findings
    await buy(core, cashier, friend, 100_00)
    assert (await points_of(core, inviter), await points_of(core, friend)) == (100_00, 55_00)
    assert not (await check_ledger()).findings


async def test_rewards_stay_while_a_purchase_stands_and_go_with_the_last(
    core: Services, cashier: StaffActor
) -> None:
    inviter, friend = await two_friends(core)
    first = await buy(core, cashier, friend, 100_00)
    second = await buy(core, cashier, friend, 200_00)
    await core.refunds.undo(cashier, first)
    assert (await points_of(core, inviter), await points_of(core, friend)) == (100_00, 60_00)
    await core.refunds.undo(cashier, second)
    assert (await points_of(core, inviter), await points_of(core, friend)) == (0, 0)
    await buy(core, cashier, friend, 100_00)
    assert (await points_of(core, inviter), await points_of(core, friend)) == (100_00, 55_00)
    assert not (await check_ledger()).findings


async def test_a_reward_that_was_spent_is_owed(core: Services, cashier: StaffActor) -> None:
    inviter, friend = await two_friends(core)
    await core.programmes.change({"confirm_redemption": False})
    first = await buy(core, cashier, friend, 100_00)
    sale = await core.till.open_sale(cashier, inviter, 1_000_00, key="spend")
    spent = await core.redemption.spend(cashier, sale.purchase_id, 100_00, key="spend:now")
    assert (spent.status, spent.accrual) == ("completed", 45_00)
    await core.refunds.undo(cashier, first)
    owed = await core.balances.open(actor_of(inviter))
    assert (owed.points, owed.debt) == (0, 55_00)
    assert not (await check_ledger()).findings


async def test_who_is_invited_by_nobody_brings_nobody_points(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change(BOTH)
    customer = await enrol(core, 1, referral_code="NOSUCH")
    await buy(core, cashier, customer, 100_00)
    assert await points_of(core, customer) == 5_00
    unknown = CustomerActor(10**6, 1, "ru", None)
    assert (await core.balances.open(unknown)).points == 0


async def told(template: str) -> list[dict[str, Any]]:
    """What the outbox tells by this template."""
    rows = await fetch(
        "SELECT data, customer_id FROM message WHERE template = $1 ORDER BY id", f"notice/{template}"
    )
    return [decoded(row["data"]) | {"to": row["customer_id"]} for row in rows]


async def test_the_inviter_is_told_of_everything(core: Services, cashier: StaffActor) -> None:
    inviter, friend = await two_friends(core)
    assert await told("friend_joined") == [{"points": 100_00, "to": inviter}]
    first = await buy(core, cashier, friend, 100_00)
    assert await told("friend_bought") == [{"points": 100_00, "repaid": 0, "balance": 100_00, "to": inviter}]
    await buy(core, cashier, friend, 100_00)
    await core.refunds.undo(cashier, first)
    assert await told("friend_undone") == [], "another purchase keeps the friendship"
    assert len(await told("friend_bought")) == 1


async def test_a_gift_stands_on_the_receipt_and_on_the_undoing(core: Services, cashier: StaffActor) -> None:
    inviter, friend = await two_friends(core)
    sale = await core.till.open_sale(cashier, friend, 100_00, key="first")
    done = await core.till.accrue(cashier, sale.purchase_id)
    assert (done.accrual, done.gift, done.balance) == (5_00, 50_00, 55_00)
    assert await core.till.look(cashier, sale.purchase_id) == done
    (receipt,) = await told("receipt")
    assert (receipt["accrual"], receipt["gift"], receipt["balance"]) == (5_00, 50_00, 55_00)
    undone = await core.refunds.undo(cashier, sale.purchase_id)
    assert (undone.accrual, undone.gift, undone.debt, undone.balance) == (5_00, 50_00, 0, 0)
    again = await core.refunds.undo(cashier, sale.purchase_id)
    assert (again.accrual, again.gift, again.debt, again.balance) == (5_00, 50_00, 0, 0)
    (notice,) = await told("undone")
    assert (notice["accrual"], notice["gift"], notice["balance"]) == (5_00, 50_00, 0)
    assert await told("friend_undone") == [{"points": 100_00, "debt": 0, "balance": 0, "to": inviter}]


async def test_a_spent_gift_is_owed_and_paid_by_the_next_purchase(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change({"confirm_redemption": False})
    inviter, friend = await two_friends(core)
    first = await buy(core, cashier, friend, 100_00)
    spending = await core.till.open_sale(cashier, inviter, 200_00, key="spending")
    await core.redemption.spend(cashier, spending.purchase_id, key="spend")
    await core.refunds.undo(cashier, first)
    (notice,) = await told("friend_undone")
    assert (notice["points"], notice["debt"], notice["balance"]) == (100_00, 95_00, 0)
    sale = await core.till.open_sale(cashier, inviter, 1000_00, key="next")
    done = await core.till.accrue(cashier, sale.purchase_id)
    assert (done.accrual, done.repaid, done.debt, done.balance) == (50_00, 50_00, 45_00, 0)
    assert await core.till.look(cashier, sale.purchase_id) == done


async def test_who_can_enter_a_code_and_what_a_repeated_one_is(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await core.programmes.change(BOTH)
    inviter, friend = await enrol(core, 1), await enrol(core, 2)
    code = await promo_code(core, inviter)

    async def can_claim(customer: int) -> bool:
        return (await core.referrals.invitation(actor_of(customer))).can_claim

    assert await can_claim(friend)
    assert await core.referrals.claim(actor_of(friend), code) == Claimed(True, 50_00)
    assert await told("friend_joined") == [{"points": 100_00, "to": inviter}]
    assert not await can_claim(friend)
    assert await core.referrals.claim(actor_of(friend), code) == Claimed(False, 50_00)
    await buy(core, cashier, friend, 100_00)
    assert await core.referrals.claim(actor_of(friend), code) == Claimed(False, 0)
    assert len(await told("friend_joined")) == 1
    await buy(core, cashier, inviter, 100_00)
    assert not await can_claim(inviter)
    late = await enrol(core, 3)
    clock.forward(days=8)
    assert not await can_claim(late)
