"""Merging two customers who are one person: balances, history, what leads to them, and the ledger's proof."""

from datetime import timedelta

import pytest

from core.actors import StaffActor
from core.check import check_ledger
from core.domain.errors import CustomerUnknown, MergeBusy, MergeSelf, NotAllowed, OwnAccount
from core.domain.people import Role
from core.services import Services
from core.store import cards, claims, consents, customers, identities, tellings
from core.store.sql import fetch
from core.store.transactions import run_in_transaction
from core.telling import Telling, tell
from core.telling_gate import gate
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import actor_of, buy, dump, fresh_key, one, points_of, promo_code

KEPT, OTHER = "79000000001", "79000000002"


@pytest.fixture
async def manager(core: Services) -> StaffActor:
    return await hire(core, 9002, Role.MANAGER)


@pytest.fixture
async def pair(core: Services) -> tuple[int, int]:
    return await enrol(core, 1, KEPT), await enrol(core, 2, OTHER)


async def proved() -> None:
    report = await check_ledger()
    assert report.findings == ()


async def test_points_purchases_and_cards_become_the_kept_customers(
    core: Services, cashier: StaffActor, manager: StaffActor, pair: tuple[int, int]
) -> None:
    kept, other = pair
    await buy(core, cashier, kept, 1_000_00)
    await buy(core, cashier, other, 3_000_00)
    card = await cards.number_of(other)
    entries = await one("SELECT count(*) AS n FROM ledger_entry WHERE customer_id = $1", other)

    seen = await core.merging.look(manager, kept, other)
    assert (seen.kept.points, seen.other.points) == (50_00, 150_00)
    assert await core.merging.merge(manager, kept, other) == kept

    assert await points_of(core, kept) == 200_00
    row = await customers.get(kept)
    assert row is not None
    assert (row.purchases, row.sold, row.paid, row.visits) == (2, 4_000_00, 4_000_00, 2)
    assert (await core.identification.by_card(cashier, card or "")).customer_id == kept
    assert await one("SELECT count(*) AS n FROM ledger_entry WHERE customer_id = $1", other) == entries + 1
    assert await one("SELECT count(*) AS n FROM audit_row WHERE action = 'customer.merged'") == 1
    await proved()


async def test_both_phones_lead_to_the_kept_customer_and_nobody_registers_twice(
    core: Services, cashier: StaffActor, manager: StaffActor, pair: tuple[int, int]
) -> None:
    kept, other = pair
    code = await promo_code(core, other)
    await core.merging.merge(manager, kept, other)
    for phone in (KEPT, OTHER):
        assert (await core.identification.by_phone(cashier, phone)).customer_id == kept
    with pytest.raises(CustomerUnknown):
        await core.identification.panel(cashier, other)
    assert await enrol(core, 3, OTHER) == kept
    friend = await enrol(core, 4, "79000000004", referral_code=code)
    assert await one("SELECT referred_by_id FROM customer WHERE id = $1", friend) == kept
    assert await one("SELECT count(*) AS n FROM customer WHERE status = 'active'") == 2
    await proved()


async def test_pressed_twice_it_acts_once_and_nobody_merges_with_themselves(
    core: Services, cashier: StaffActor, manager: StaffActor, pair: tuple[int, int]
) -> None:
    kept, other = pair
    await buy(core, cashier, other, 1_000_00)
    with pytest.raises(MergeSelf):
        await core.merging.merge(manager, kept, kept)
    with pytest.raises(NotAllowed):
        await core.merging.merge(cashier, kept, other)
    for _ in range(2):
        await core.merging.merge(manager, kept, other)
    assert await points_of(core, kept) == 50_00
    with pytest.raises(CustomerUnknown):
        await core.merging.merge(manager, other, kept)
    await proved()


async def test_points_that_wait_for_a_confirmation_forbid_a_merge_until_they_are_free(
    core: Services, cashier: StaffActor, manager: StaffActor, pair: tuple[int, int], clock: ManualClock
) -> None:
    kept, other = pair
    await buy(core, cashier, other, 1_000_00)
    sale = await core.till.open_sale(cashier, other, 100_00, key="s")
    await core.redemption.spend(cashier, sale.purchase_id, 10_00, key="s:p")
    for pair_of in ((kept, other), (other, kept)):
        with pytest.raises(MergeBusy):
            await core.merging.merge(manager, *pair_of)
    clock.forward(hours=1)
    await core.merging.merge(manager, kept, other)
    assert await points_of(core, kept) == 50_00
    await proved()


async def test_a_purchase_made_before_the_merge_is_refunded_to_the_kept_customer(
    core: Services, cashier: StaffActor, manager: StaffActor, pair: tuple[int, int]
) -> None:
    kept, other = pair
    await buy(core, cashier, other, 1_000_00)
    sale = await core.till.open_sale(cashier, other, 100_00, key=fresh_key())
    await core.programmes.change({"confirm_redemption": False})
    sale = await core.till.open_sale(cashier, other, 100_00, key=fresh_key())
    await core.redemption.spend(cashier, sale.purchase_id, 30_00, key=fresh_key())
    before = await points_of(core, other)
    await core.merging.merge(manager, kept, other)
    assert await points_of(core, kept) == before
    view = await core.refunds.refund(cashier, sale.purchase_id, key=fresh_key())
    assert view.balance == await points_of(core, kept) == 50_00
    await proved()


async def test_what_was_owed_is_owed_by_the_kept_customer(
    core: Services, cashier: StaffActor, manager: StaffActor, pair: tuple[int, int]
) -> None:
    kept, other = pair
    await core.programmes.change({"confirm_redemption": False})
    first = await buy(core, cashier, other, 1_000_00)
    sale = await core.till.open_sale(cashier, other, 100_00, key=fresh_key())
    await core.redemption.spend(cashier, sale.purchase_id, 50_00, key=fresh_key())
    await core.refunds.refund(cashier, first, key=fresh_key())
    row = await customers.get(other)
    assert row is not None
    assert row.debt > 0
    await buy(core, cashier, kept, 200_00)
    await core.merging.merge(manager, kept, other)
    merged, husk = await customers.get(kept), await customers.get(other)
    assert merged is not None
    assert husk is not None
    assert (merged.debt, husk.debt) == (row.debt - 10_00, 0)
    assert await points_of(core, kept) == 0
    await proved()


async def test_invitations_stay_sane(core: Services, manager: StaffActor, pair: tuple[int, int]) -> None:
    """A customer never invites themselves, nor two one another, whatever is merged."""
    kept, other = pair
    guest = await enrol(core, 5, "79000000005", referral_code=await promo_code(core, other))
    await core.merging.merge(manager, guest, other)
    assert await one("SELECT referred_by_id FROM customer WHERE id = $1", guest) is None
    friend = await enrol(core, 6, "79000000006", referral_code=await promo_code(core, kept))
    await core.merging.merge(manager, guest, kept)
    assert await one("SELECT referred_by_id FROM customer WHERE id = $1", friend) == guest
    await proved()


@pytest.mark.parametrize(
    ("blocked", "speaks"),
    [((), 1), ((1,), 2), ((2,), 1), ((1, 2), 1)],
    ids=["neither", "the kept one's", "the other's", "both"],
)
async def test_the_account_that_can_be_written_to_speaks(
    core: Services, manager: StaffActor, pair: tuple[int, int], blocked: tuple[int, ...], speaks: int
) -> None:
    kept, other = pair
    for account in blocked:
        await identities.mark_blocked("customer", account, core.deps.clock.now())
    await core.merging.merge(manager, kept, other)
    speakers = await fetch("SELECT telegram_id, customer_id FROM telegram_identity WHERE customer_id IS NOT NULL")
    assert [(row["telegram_id"], row["customer_id"]) for row in speakers] == [(speaks, kept)]


async def test_a_merged_customer_is_forgotten_whole(
    core: Services, cashier: StaffActor, manager: StaffActor, pair: tuple[int, int]
) -> None:
    kept, other = pair
    await core.merging.merge(manager, kept, other)
    actor = await core.identification.customer(1, "ru")
    await core.privacy.erase(actor)
    for phone in (KEPT, OTHER):
        with pytest.raises(CustomerUnknown):
            await core.identification.by_phone(cashier, phone)
    assert await one("SELECT count(*) AS n FROM customer WHERE phone IS NOT NULL") == 0
    assert await enrol(core, 7, OTHER) not in pair


async def test_nobody_merges_or_edits_their_own_account(core: Services, pair: tuple[int, int]) -> None:
    """Else another's points would become a manager's own."""
    mine, other = pair
    await hire(core, 1, Role.MANAGER)
    own = await core.staff.identify(1, "ru")
    assert own is not None
    for ids in ((mine, other), (other, mine)):
        with pytest.raises(OwnAccount):
            await core.merging.look(own, *ids)
        with pytest.raises(OwnAccount):
            await core.merging.merge(own, *ids)
    with pytest.raises(OwnAccount):
        await core.directory.edit(own, mine, name="Другое Имя")
    with pytest.raises(OwnAccount):
        await core.directory.block(own, mine)
    with pytest.raises(OwnAccount):
        await core.categories.put_in(own, mine, "VIP")


@pytest.mark.parametrize("merges", [1, 2])
async def test_points_that_moved_and_expired_unspent_are_not_taken_twice(
    core: Services,
    cashier: StaffActor,
    manager: StaffActor,
    pair: tuple[int, int],
    clock: ManualClock,
    merges: int,
) -> None:
    kept, other = pair
    await core.programmes.change({"expiry": "after_days", "expiry_days": 10})
    purchase = await buy(core, cashier, other, 1_000_00)
    clock.forward(days=1)
    await core.merging.merge(manager, kept, other)
    if merges > 1:
        last = await enrol(core, 3, "79000000003")
        await core.merging.merge(manager, last, kept)
        kept = last
    clock.forward(days=5)
    await buy(core, cashier, kept, 400_00)
    clock.forward(days=6)
    await core.expiries.sweep()
    assert await points_of(core, kept) == 20_00
    view = await core.refunds.refund(cashier, purchase, key=fresh_key())
    assert view.balance == await points_of(core, kept) == 20_00
    row = await customers.get(kept)
    assert row is not None
    assert row.debt == 0
    await proved()


def words(groups: dict[str, bool]) -> list[tuple[str, str, bool]]:
    return [(group, "telegram", granted) for group, granted in groups.items()]


async def test_a_newer_refusal_of_either_stands_with_its_own_version_and_time(
    core: Services, manager: StaffActor, pair: tuple[int, int], clock: ManualClock
) -> None:
    kept, other = pair
    clock.forward(days=1)
    said_at = clock.now()
    await consents.add(kept, words({"reminders": False}), version="7", source="bot", now=said_at)
    await consents.add(other, words({"offers": False, "level": True}), version="5", source="bot", now=said_at)
    greeting = Telling(kept, "campaign", "notice/win_back", {}, "offer")
    programme = await core.programmes.current()
    await run_in_transaction(lambda: tell([greeting], programme, clock.now()))
    clock.forward(days=1)
    await consents.add(other, words({"reminders": True}), version="5", source="bot", now=clock.now())
    clock.forward(days=1)
    await core.programmes.change({"name": "Другая кофейня"})
    await core.merging.merge(manager, kept, other)

    said = {row["topic"]: row for row in await consents.stand(kept) if row["channel"] == "telegram"}
    assert {topic: row["granted"] for topic, row in said.items()} == {
        "receipts": True, "reminders": False, "offers": False, "level": True,
    }  # fmt: skip
    for topic in ("offers", "level"):
        row = said[topic]
        assert (row["text_version"], row["source"], row["created_at"]) == ("5", "merge", said_at)
    assert await one("SELECT reason FROM message WHERE dedupe_key = 'offer'") == "consent"


async def test_what_one_was_told_and_given_is_not_told_and_given_again(
    core: Services, cashier: StaffActor, manager: StaffActor, pair: tuple[int, int], clock: ManualClock
) -> None:
    kept, other = pair
    await core.programmes.change({"birthday_points": 300_00, "birthday_before_days": 3, "marketing_cap": 1})
    await customers.update(other, birthday=clock.now().date())
    await core.reminders.sweep(clock.now())
    assert await points_of(core, other) == 300_00
    await fetch(
        "INSERT INTO marketing_told (customer_id, message_id, told_at) VALUES ($1, 1, $2)", other, clock.now()
    )
    await core.merging.merge(manager, kept, other)
    clock.forward(days=1)
    await core.reminders.sweep(clock.now())
    assert await points_of(core, kept) == 300_00, "once in 365 days, whoever they were before"
    assert await tellings.capped([kept], cap=1, since=clock.now() - timedelta(days=7)) == {kept}
    await proved()


async def test_what_is_owed_is_still_told_and_what_reminds_is_not(
    core: Services, manager: StaffActor, pair: tuple[int, int], clock: ManualClock
) -> None:
    kept, other = pair
    programme = await core.programmes.current()
    wanted = [Telling(other, topic, "notice/x", {}, topic) for topic in ("refund", "birthday", "campaign")]
    await run_in_transaction(lambda: tell(wanted, programme, clock.now()))
    await core.merging.merge(manager, kept, other)
    waiting = await claims.claim(
        "telegram", "customer", worker="w", now=clock.now(), lease=timedelta(minutes=1), limit=10
    )
    found = await gate(waiting, clock.now())
    reasons = {each.dedupe_key: found.refused.get(each.id) for each in waiting}
    assert {key: reasons[key] for key in ("refund", "birthday", "campaign")} == {
        "refund": None, "birthday": "gone", "campaign": "gone",
    }  # fmt: skip


async def test_an_erasure_takes_the_person_out_of_what_the_other_was_told(
    core: Services, manager: StaffActor, pair: tuple[int, int], clock: ManualClock
) -> None:
    kept, other = pair
    programme = await core.programmes.current()
    told = Telling(other, "refund", "notice/x", {"name": "Ольга"}, "told")
    await run_in_transaction(lambda: tell([told], programme, clock.now()))
    await fetch("UPDATE message SET state = 'sent' WHERE dedupe_key = 'told'")
    await core.merging.merge(manager, kept, other)
    waits = Telling(kept, "refund", "notice/x", {}, "waits")
    await run_in_transaction(lambda: tell([waits], programme, clock.now()))
    await core.privacy.erase(actor_of(kept))
    assert "Ольга" not in (await dump())["message"]
    rows = await fetch(
        "SELECT dedupe_key, state, reason, chat_id, phone FROM message WHERE customer_id IS NOT NULL"
    )
    assert all(row["chat_id"] is None and row["phone"] is None for row in rows)
    fates = {row["dedupe_key"]: (row["state"], row["reason"]) for row in rows}
    assert (fates["told"], fates["waits"]) == (("sent", None), ("suppressed", "erased"))
