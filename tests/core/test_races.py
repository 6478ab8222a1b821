"""Many at once: what is spent is exactly what the balance allows, and the ledger holds afterwards."""

import asyncio
import random
from typing import Any

import pytest

from core.actors import StaffActor
from core.check import check_ledger
from core.domain.errors import HoldGone, LoyaltyError, PointsNotEnough, PurchaseClosed, QuoteStale
from core.sale_views import SaleView
from core.services import Services
from tests.conftest import ManualClock, enrol
from tests.core.kit import actor_of, buy, dump, fresh_key, one, points_of, sent_code


async def all_at_once(*verbs: Any) -> list[Any]:
    """Outcomes of verbs started together; anything but a result or a refusal is an error."""
    outcomes = await asyncio.gather(*verbs, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, LoyaltyError):
            raise outcome
    return outcomes


def completed(outcomes: list[Any]) -> list[SaleView]:
    return [each for each in outcomes if isinstance(each, SaleView) and each.status == "completed"]


async def is_sound() -> bool:
    report = await check_ledger()
    assert not report.findings, report.findings
    return report.rules > 10


async def test_64_redeemers_of_one_balance(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change({"confirm_redemption": False, "accrue_when_redeeming": False})
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 10_000_00)
    drafts = [await core.till.open_sale(cashier, customer, 100_00, key=f"d{n}") for n in range(64)]
    spends = [core.redemption.spend(cashier, draft.purchase_id, 30_00, key=fresh_key()) for draft in drafts]
    outcomes = await all_at_once(*spends)
    assert len(completed(outcomes)) == 16  # 16 times 30 of 500 points
    refusals = [each for each in outcomes if isinstance(each, LoyaltyError)]
    assert len(refusals) == 48
    assert {type(each) for each in refusals} == {QuoteStale}
    assert await points_of(core, customer) == 20_00
    assert await one("SELECT -sum(points) FROM ledger_entry WHERE kind = 'redemption'") == 480_00
    assert await is_sound()


async def test_20_accruals_of_one_sale_act_once(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    sale = await core.till.open_sale(cashier, customer, 1_000_00, key="a")
    outcomes = await all_at_once(*(core.till.accrue(cashier, sale.purchase_id) for _ in range(20)))
    assert len(completed(outcomes)) == 20
    assert {(each.accrual, each.balance) for each in outcomes} == {(50_00, 50_00)}
    assert await one("SELECT count(*) FROM ledger_entry") == 1
    assert await one("SELECT count(*) FROM message WHERE topic = 'receipts'") == 1
    assert await one("SELECT purchases FROM customer") == 1
    assert await is_sound()


async def test_20_confirmations_of_one_sale_act_once(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 10_000_00)
    sale = await core.till.open_sale(cashier, customer, 600_00, key="a")
    await core.redemption.spend(cashier, sale.purchase_id, 300_00, key="s")
    outcomes = await all_at_once(
        *(core.redemption.confirm(actor_of(customer), sale.purchase_id) for _ in range(20))
    )
    assert {(each.status, each.balance) for each in outcomes} == {("completed", 215_00)}
    assert await one("SELECT count(*) FROM ledger_entry WHERE kind = 'redemption'") == 1
    assert await is_sound()


async def test_one_draft_asked_for_20_times_at_once_is_one(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    opens = [core.till.open_sale(cashier, customer, 100_00, key="same") for _ in range(20)]
    outcomes = await all_at_once(*opens)
    assert len({each.purchase_id for each in outcomes}) == 1
    assert await one("SELECT count(*) FROM purchase") == 1


async def test_two_tills_ask_for_the_same_points(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 10_000_00)
    drafts = [await core.till.open_sale(cashier, customer, 1_000_00, key=f"d{n}") for n in range(2)]
    spends = [core.redemption.spend(cashier, draft.purchase_id, 400_00, key=fresh_key()) for draft in drafts]
    outcomes = await all_at_once(*spends)
    (waiting,) = [each for each in outcomes if isinstance(each, SaleView)]
    (stale,) = [each for each in outcomes if isinstance(each, QuoteStale)]
    assert (waiting.status, stale.data["sale"].points_limit) == ("waiting", 100_00)
    assert await one("SELECT sum(points) FROM hold WHERE settled_at IS NULL") == 400_00
    await core.redemption.confirm(actor_of(customer), waiting.purchase_id)
    assert await is_sound()


async def test_a_confirmation_against_the_undoing_of_what_was_earned(core: Services, cashier: StaffActor) -> None:
    for number in range(4):
        customer = await enrol(core, 10 + number)
        earned = await buy(core, cashier, customer, 10_000_00)
        sale = await core.till.open_sale(cashier, customer, 600_00, key=fresh_key())
        await core.redemption.spend(cashier, sale.purchase_id, 300_00, key=fresh_key())
        verbs = [
            core.redemption.confirm(actor_of(customer), sale.purchase_id),
            core.refunds.undo(cashier, earned),
        ]
        random.shuffle(verbs)
        outcomes = await all_at_once(*verbs)
        assert sum(isinstance(each, SaleView) and each.status == "cancelled" for each in outcomes) == 1
        balance = await core.balances.open(actor_of(customer))
        if any(isinstance(each, QuoteStale) for each in outcomes):
            assert (balance.points, balance.debt) == (0, 0)
        else:
            assert (balance.points, balance.debt) == (0, 500_00 - 200_00 - 15_00)
    assert await is_sound()


async def test_a_press_of_the_customer_against_one_of_the_till(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 100_000_00)
    endings = set()
    for _ in range(6):
        sale = await core.till.open_sale(cashier, customer, 100_00, key=fresh_key())
        await core.redemption.spend(cashier, sale.purchase_id, 50_00, key=fresh_key())
        outcomes = await all_at_once(
            core.redemption.confirm(actor_of(customer), sale.purchase_id),
            core.redemption.stop_waiting(cashier, sale.purchase_id),
            core.redemption.decline(actor_of(customer), sale.purchase_id),
            core.till.drop(cashier, sale.purchase_id),
        )
        refused = [each for each in outcomes if isinstance(each, LoyaltyError)]
        assert all(isinstance(each, HoldGone | PurchaseClosed) for each in refused)
        ended = await core.till.look(cashier, sale.purchase_id)
        spent = await one(
            "SELECT count(*) FROM ledger_entry WHERE kind = 'redemption' AND purchase_id = $1", sale.purchase_id
        )
        assert (ended.status, spent) in (("completed", 1), ("cancelled", 0))
        endings.add(ended.status)
    assert endings
    assert await one("SELECT count(*) FROM hold WHERE settled_at IS NULL") == 0
    assert await is_sound()


async def test_undoing_20_times_at_once_acts_once(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 10_000_00)
    last = await buy(core, cashier, customer, 1_000_00)
    outcomes = await all_at_once(*(core.refunds.undo(cashier, last) for _ in range(20)))
    assert {each.status for each in outcomes} == {"cancelled"}
    assert await points_of(core, customer) == 500_00
    assert await one("SELECT count(*) FROM ledger_entry WHERE kind = 'reversal'") == 1
    assert await is_sound()


async def test_friends_who_buy_at_once_all_pay_their_inviter(core: Services, cashier: StaffActor) -> None:
    await core.programmes.change({"referral_inviter_points": 10_00, "referral_friend_points": 5_00})
    inviter = await enrol(core, 1)
    code = (await core.referrals.invitation(actor_of(inviter))).promo_code
    friends = [await enrol(core, 2 + n, referral_code=code) for n in range(8)]
    verbs = [buy(core, cashier, friend, 100_00) for friend in friends]
    verbs += [buy(core, cashier, inviter, 100_00) for _ in range(4)]
    await all_at_once(*verbs)
    assert await points_of(core, inviter) == 8 * 10_00 + 4 * 5_00
    assert {await points_of(core, friend) for friend in friends} == {10_00}
    assert await is_sound()


async def test_customers_who_invited_each_others_friends_do_not_deadlock(
    core: Services, cashier: StaffActor
) -> None:
    await core.programmes.change({"referral_inviter_points": 10_00})
    people = [await enrol(core, 1)]
    for number in range(2, 8):
        code = (await core.referrals.invitation(actor_of(people[-1]))).promo_code
        people.append(await enrol(core, number, referral_code=code))
    order = people * 3
    random.shuffle(order)
    await all_at_once(*(buy(core, cashier, person, 100_00) for person in order))
    assert {await points_of(core, person) for person in people[:-1]} == {25_00}
    assert await points_of(core, people[-1]) == 15_00
    assert await is_sound()


async def test_a_code_entered_at_once_by_till_and_button_spends_once(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 10_000_00)
    sale = await core.till.open_sale(cashier, customer, 600_00, key="a")
    await core.redemption.spend(cashier, sale.purchase_id, 300_00, key="s")
    sent = await core.redemption.send_code(cashier, sale.purchase_id, key="c")
    digits = await sent_code(core, sent.code_id)
    outcomes = await all_at_once(
        core.redemption.confirm(actor_of(customer), sale.purchase_id),
        core.redemption.confirm_by_code(cashier, sale.purchase_id, digits, key="d"),
    )
    assert {each.status for each in outcomes} == {"completed"}
    assert await points_of(core, customer) == 215_00
    assert await is_sound()


async def test_an_overdue_hold_is_released_while_the_till_asks_anew(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 10_000_00)
    sale = await core.till.open_sale(cashier, customer, 600_00, key="a")
    await core.redemption.spend(cashier, sale.purchase_id, 300_00, key="s")
    clock.forward(minutes=10)

    async def ask_anew() -> SaleView:
        await core.redemption.stop_waiting(cashier, sale.purchase_id)
        return await core.redemption.spend(cashier, sale.purchase_id, 200_00, key="s2")

    await all_at_once(ask_anew(), core.redemption.release_overdue(), core.redemption.release_overdue())
    assert await core.redemption.release_overdue() == 0
    assert (await core.till.look(cashier, sale.purchase_id)).status == "waiting"
    await core.redemption.confirm(actor_of(customer), sale.purchase_id)
    assert await is_sound()


async def test_random_verbs_of_many_tills(core: Services, cashier: StaffActor) -> None:
    """A supervisor with a seed: everything at once on few customers, then the proof."""
    await core.programmes.change({"confirm_redemption": False, "welcome_points": 300_00})
    people = [await enrol(core, 1 + n) for n in range(3)]
    chance = random.Random(random.random())
    bought: list[int] = []

    async def act(number: int) -> None:
        customer = chance.choice(people)
        verb = chance.choice(["buy", "spend", "spend", "undo"])
        if verb == "undo" and bought:
            await core.refunds.undo(cashier, chance.choice(bought))
            return
        sale = await core.till.open_sale(cashier, customer, chance.randrange(1, 500_00), key=f"n{number}")
        if verb == "buy" or not sale.points_limit:
            await core.till.accrue(cashier, sale.purchase_id)
        else:
            await core.redemption.spend(cashier, sale.purchase_id, key=f"n{number}:s")
        bought.append(sale.purchase_id)

    for round_ in range(5):
        outcomes = await all_at_once(*(act(round_ * 100 + n) for n in range(12)))
        assert all(each is None or isinstance(each, QuoteStale | PointsNotEnough) for each in outcomes)
        assert await is_sound()


@pytest.mark.parametrize("wanted", [-1_00, 0, 50, 300_01, 10**12])
async def test_a_refused_redemption_leaves_everything_as_it_was(
    core: Services, cashier: StaffActor, wanted: int
) -> None:
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 10_000_00)
    sale = await core.till.open_sale(cashier, customer, 600_00, key="a")
    before = await dump()
    with pytest.raises(PointsNotEnough) as refusal:
        await core.redemption.spend(cashier, sale.purchase_id, wanted, key="s")
    assert refusal.value.data["limit"] == 300_00
    assert await dump() == before
