"""A customer's own data: another phone, all of it, none of it."""

import asyncio
import json
from datetime import date

import pytest

from core.actors import CustomerActor, StaffActor, Visitor
from core.check import check_ledger
from core.domain.errors import (
    CodeWrong,
    CustomerUnknown,
    LoyaltyError,
    NotRegistered,
    PhoneNotChangeable,
    PhoneSame,
)
from core.domain.people import Role
from core.domain.promotions import Benefit
from core.domain.refund import Wanted
from core.services import Services
from core.store import consents, customers, outbox
from core.store.sql import fetch
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import actor_of, buy, dump, fresh_key, one, points_of, promo_code, sent_code
from tests.core.offers_kit import issue, promote, quoted

OLD, NEW = "79001234567", "79007654321"


async def change(core: Services, actor: CustomerActor, phone: str) -> str:
    """The code to the new phone, entered rightly."""
    sent = await core.privacy.request_code(actor, phone, key=fresh_key("ask"))
    return await core.privacy.change_phone(actor, await sent_code(core, sent.code_id), key=fresh_key("enter"))


async def test_the_new_phone_is_proved_and_the_old_one_is_free(core: Services, cashier: StaffActor) -> None:
    me = actor_of(await enrol(core, 1, OLD))
    await buy(core, cashier, me.id, 100_00)
    sent = await core.privacy.request_code(me, NEW, key="ask")
    digits = await sent_code(core, sent.code_id)
    with pytest.raises(CodeWrong):
        await core.privacy.change_phone(me, "9999" if digits != "9999" else "9998", key="wrong")
    assert (await customers.get(me.id)).phone == OLD
    assert await core.privacy.change_phone(me, digits, key="enter") == NEW
    assert await core.privacy.change_phone(me, digits, key="enter") == NEW, "a repeated request"
    panel = await core.identification.by_phone(cashier, NEW)
    assert (panel.customer_id, panel.points, panel.phone_verified) == (me.id, 5_00, True)
    with pytest.raises(CustomerUnknown):
        await core.identification.by_phone(cashier, OLD)
    assert await enrol(core, 2, OLD) != me.id
    (noted,) = await fetch("SELECT * FROM audit_row WHERE action = 'customer.phone_changed'")
    assert NEW not in str(noted)


async def test_somebody_elses_phone_is_refused_only_after_the_proof(core: Services) -> None:
    me, other = actor_of(await enrol(core, 1, OLD)), await enrol(core, 2, NEW)
    with pytest.raises(PhoneSame):
        await core.privacy.request_code(me, OLD, key="same")
    sent = await core.privacy.request_code(me, NEW, key="ask")
    assert sent.phone == NEW, "asking says nothing of whether the phone is known"
    with pytest.raises(PhoneNotChangeable) as refusal:
        await core.privacy.change_phone(me, await sent_code(core, sent.code_id), key="enter")
    assert refusal.value.data == {}
    assert (await customers.get(me.id)).phone == OLD
    assert (await customers.get(other)).phone == NEW


async def test_two_who_want_the_same_phone_do_not_both_get_it(core: Services) -> None:
    actors = [actor_of(await enrol(core, each), each) for each in (1, 2)]
    keys = []
    for actor in actors:
        sent = await core.privacy.request_code(actor, NEW, key=fresh_key("ask"))
        keys.append(await sent_code(core, sent.code_id))
        core.deps.clock.forward(seconds=61)
    outcomes = await asyncio.gather(
        *(
            core.privacy.change_phone(actor, digits, key=fresh_key())
            for actor, digits in zip(actors, keys, strict=True)
        ),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["PhoneNotChangeable", "str"]


async def test_a_code_for_a_new_phone_registers_nobody(core: Services) -> None:
    me = actor_of(await enrol(core, 1, OLD))
    sent = await core.privacy.request_code(me, NEW, key="ask")
    with pytest.raises(LoyaltyError):
        await core.registrations.check_code(Visitor(1, "ru"), await sent_code(core, sent.code_id), key="enter")


async def test_all_that_is_kept_is_handed_over(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    me = actor_of(await enrol(core, 1, OLD))
    await core.preferences.set_name(me, "Анна")
    await core.preferences.set_birthday(me, date(1990, 3, 5))
    await core.cards.bind(cashier, me.id, "5555")
    await buy(core, cashier, me.id, 100_00)
    stranger = await enrol(core, 2, NEW)
    await buy(core, cashier, stranger, 777_00)
    found = await core.privacy.export(me)
    text = json.dumps(found, ensure_ascii=False)
    assert found["customer"]["phone"] == OLD
    assert found["customer"]["birthday"] == "1990-03-05"
    assert [card["number"] for card in found["cards"]][-1] == "5555"
    assert found["purchases"][0]["subtotal"] == 100_00
    assert [(each["kind"], each["points"]) for each in found["operations"]] == [("accrual", 5_00)]
    assert found["points_left"][0]["remaining"] == 5_00
    assert {"topic": "receipts", "channel": "telegram"}.items() <= found["consents"][0].items() | {
        ("topic", "receipts"),
        ("channel", "telegram"),
    }
    assert found["telegram"][0]["telegram_id"] == 1
    assert any(message["template"] == "notice/receipt" for message in found["messages"])
    assert found["customer"]["registered_at"] == clock.now().isoformat()
    assert NEW not in text
    assert "77700" not in text
    assert await one("SELECT count(*) FROM audit_row WHERE action = 'customer.exported'") == 1


async def test_what_corrections_and_offers_left_is_handed_over_too(core: Services, cashier: StaffActor) -> None:
    me, owner = actor_of(await enrol(core, 1, OLD)), await hire(core, 900, Role.OWNER)
    await promote(core, owner, Benefit.FACTOR, 200)
    await issue(core, owner, Benefit.PERCENT, 1000)
    sale = await quoted(core, cashier, me.id, 1000_00, "SUMMER")
    await core.till.accrue(cashier, sale.purchase_id)
    await core.refunds.refund(cashier, sale.purchase_id, Wanted(amount=100_00), key=fresh_key())
    await core.manual.propose(owner, me.id, 7_00, "извинение за ожидание", key=fresh_key())
    found = await core.privacy.export(me)
    assert [line["amount"] for line in found["purchase_lines"]] == [1000_00]
    assert [each["code"] for each in found["coupons_used"]] == ["SUMMER"]
    assert len(found["promotions_used"]) == 1
    assert [each["amount"] for each in found["refunds"]] == [100_00]
    assert [each["points"] for each in found["points_by_hand"]] == [7_00]
    assert {"payments", "gifts", "points_being_checked"} <= found.keys()


async def test_an_erasure_takes_the_person_out_of_everything(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    me = actor_of(await enrol(core, 401_000_001, OLD), 401_000_001)
    await core.preferences.set_name(me, "Аглая Приметная")
    await core.cards.bind(cashier, me.id, "98765432109876")
    await buy(core, cashier, me.id, 1000_00)
    await core.programmes.change({"activation_delay_hours": 24})
    await buy(core, cashier, me.id, 100_00)
    draft = await core.till.open_sale(cashier, me.id, 500_00, key="draft")
    waiting = await core.till.open_sale(cashier, me.id, 500_00, key="waiting")
    await core.redemption.spend(cashier, waiting.purchase_id, key="spend")
    code = await promo_code(core, me.id)
    friend = await enrol(core, 2, referral_code=code)
    loss = await core.privacy.loss(me)
    assert (loss.points, loss.pending) == (50_00, 5_00)
    await core.privacy.erase(me)
    kept = await dump()
    for table, rows in kept.items():
        if table == "verification_code":
            continue  # forgotten within a week: the limits of codes rest on it
        for trace in (OLD, "Аглая", "401000001", code):
            assert trace not in rows, (table, trace)
    assert await points_of(core, me.id) == 0
    for sale in (draft, waiting):
        assert (await core.till.look(cashier, sale.purchase_id)).status == "cancelled"
    assert not (await check_ledger()).findings
    assert await one("SELECT count(*) FROM ledger_entry WHERE customer_id = $1", me.id) == 3
    assert await one("SELECT count(*) FROM audit_row WHERE action = 'customer.erased'") == 1
    assert await one("SELECT count(*) FROM message WHERE state = 'queued' AND customer_id = $1", me.id) == 0
    for forgotten in (core.privacy.erase(me), core.privacy.export(me), core.privacy.loss(me)):
        with pytest.raises(NotRegistered):
            await forgotten
    await buy(core, cashier, friend, 100_00)
    newcomer = await enrol(core, 401_000_001, OLD)
    assert newcomer != me.id
    assert await points_of(core, newcomer) == 0


async def test_an_erasure_takes_the_person_out_of_what_staff_were_told(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    manager = await hire(core, 9002, Role.MANAGER)
    await core.programmes.change({"review_hours": 3})
    me = actor_of(await enrol(core, 401_000_001, OLD), 401_000_001)
    await core.preferences.set_name(me, "Аглая Приметная")
    purchase = await buy(core, cashier, me.id, 1000_00)
    clock.forward(hours=5)
    await core.reviews.sweep(clock.now())
    await core.reviews.rate(me, purchase, 1)
    await core.reviews.say(me, purchase, "Суп был как слеза")
    failed = outbox.Draft(
        topic="sms", channel="telegram", bot="staff", chat_id=manager.telegram_id, template="notice/sms_failed",
        language="", dedupe_key="notice/sms_failed:1:1", priority=0, data={"phone": OLD},
    )  # fmt: skip
    await outbox.enqueue([failed], clock.now())
    told = (await dump())["message"]
    assert all(trace in told for trace in ("Аглая", "как слеза", OLD))
    await core.privacy.erase(me)
    left = (await dump())["message"]
    assert [trace for trace in ("Аглая", "как слеза", OLD) if trace in left] == []


async def test_a_sale_of_somebody_erased_can_still_be_taken_back(core: Services, cashier: StaffActor) -> None:
    me = actor_of(await enrol(core, 1, OLD))
    purchase = await buy(core, cashier, me.id, 1000_00)
    await core.privacy.erase(me)
    await core.refunds.undo(cashier, purchase)
    assert not (await check_ledger()).findings


async def test_consents_are_withdrawn_and_stay_as_a_record(core: Services) -> None:
    me = actor_of(await enrol(core, 1, OLD))
    await core.privacy.erase(me)
    said = await consents.said(me.id)
    assert said
    assert not any(said.values())
