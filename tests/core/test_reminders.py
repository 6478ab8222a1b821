"""Reminders: each said once, together, by day; gifts given once; after downtime no flood."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.actors import StaffActor
from core.check import check_ledger
from core.services import Services
from core.store import consents, customers, identities
from core.store.sql import decoded, fetch
from tests.conftest import ManualClock, enrol
from tests.core.kit import buy, one, points_of

NOON = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Noon in Moscow, where the branch is."""


async def forget_messages() -> None:
    """As the clean-up does: marks must outlive messages."""
    await fetch("DELETE FROM message")


async def told() -> list[tuple[str, dict[str, Any]]]:
    """The reminders that were written, with their data, oldest first."""
    rows = await fetch(
        "SELECT topic, data FROM message WHERE topic IN "
        "('expiry_soon', 'activation', 'expired', 'birthday', 'win_back', 'discount_ends', 'digest') ORDER BY id"
    )
    return [(row["topic"], decoded(row["data"])) for row in rows]


async def days_pass(core: Services, clock: ManualClock, days: float) -> list[tuple[str, dict[str, Any]]]:
    """What is told in so many days with the worker at work every six hours."""
    found = []
    for _ in range(int(days * 4)):
        clock.forward(hours=6)
        await core.expiries.sweep()
        await core.reminders.sweep(clock.now())
        found += await told()
        await forget_messages()
    return found


async def withdraw(customer_id: int, topic: str) -> None:
    withdrawn = [(topic, channel, False) for channel in ("telegram", "sms")]
    await consents.add(customer_id, withdrawn, version="1", source="bot", now=NOON)


async def test_points_that_expire_are_told_of_at_each_mark_once(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    anna = await enrol(core, 1)
    for _ in range(3):
        await buy(core, cashier, anna, 1_000_00)
    for number, days in enumerate((8, 9, 30)):
        lot = await one(f"SELECT id FROM lot ORDER BY id LIMIT 1 OFFSET {number}")
        await fetch("UPDATE lot SET expires_at = $1 WHERE id = $2", NOON + timedelta(days=days), lot)
    await forget_messages()
    found = await days_pass(core, clock, 25)
    parts = [
        (part["topic"], part["points"])
        for topic, data in found
        for part in data.get("parts", [data | {"topic": topic}])
    ]
    # Seven days before the first lot, before the second (both are within seven days), and the day before each.
    soon = [points for topic, points in parts if topic == "expiry_soon"]
    assert soon == [50_00, 100_00, 50_00, 50_00, 50_00]
    assert [points for topic, points in parts if topic == "expired"] == [50_00, 50_00]


async def test_several_reminders_are_one_message_also_after_three_days_of_nothing(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await core.programmes.change({"activation_delay_hours": 48, "birthday_points": 100_00})
    anna, boris = await enrol(core, 1), await enrol(core, 2)
    for customer in (anna, boris):
        await buy(core, cashier, customer, 1_000_00)
    ready, dead = NOON + timedelta(days=2.5), NOON + timedelta(days=10)
    await fetch("UPDATE lot SET activates_at = $1, expires_at = $2", ready, dead)
    await customers.update(anna, birthday=date(1990, 3, 4))
    await forget_messages()
    clock.forward(days=3)
    await asyncio.gather(*(core.reminders.sweep(clock.now()) for _ in range(3)))
    found = await told()
    assert sorted(topic for topic, _ in found) == ["digest", "digest"]
    topics = sorted([part["topic"] for part in data["parts"]] for _, data in found)
    assert topics == [["birthday", "expiry_soon", "activation"], ["expiry_soon", "activation"]]
    assert await points_of(core, anna) == 150_00
    await forget_messages()
    await core.reminders.sweep(clock.now())
    assert await told() == []
    assert not (await check_ledger()).findings


async def test_nobody_is_woken(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    anna = await enrol(core, 1)
    await buy(core, cashier, anna, 1_000_00)
    await fetch("UPDATE lot SET expires_at = $1", NOON + timedelta(days=8))
    await forget_messages()
    clock.forward(hours=10)  # ten in the evening
    for _ in range(12):
        await core.reminders.sweep(clock.now())
        assert await told() == []
        clock.forward(hours=1)
    await core.reminders.sweep(clock.now())
    assert [topic for topic, _ in await told()] == ["expiry_soon"]


async def test_a_birthday_gift_comes_once_whatever_is_edited(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await core.programmes.change(
        {"birthday_points": 300_00, "birthday_before_days": 3, "birthday_expiry_days": 10}
    )
    anna, silent = await enrol(core, 1), await enrol(core, 2)
    await customers.update(anna, birthday=date(1992, 2, 29), debt=100_00)
    await customers.update(silent, birthday=date(1990, 2, 28))
    await withdraw(silent, "reminders")
    clock.at = datetime(2027, 2, 24, 9, 0, tzinfo=UTC)
    await core.reminders.sweep(clock.now())
    assert await told() == []
    clock.forward(days=1)
    await core.reminders.sweep(clock.now())
    ((topic, data),) = await told()
    assert (topic, data["points"], data["is_ahead"]) == ("birthday", 300_00, True)
    assert data["until_at"] == "2027-03-07T20:59:59+00:00", "the end of the tenth day in Moscow"
    assert await points_of(core, anna) == 200_00, "what was owed is repaid first"
    assert await points_of(core, silent) == 300_00, "the gift needs no consent to messages"
    await forget_messages()
    for number in range(2, 30):
        await customers.update(anna, birthday=date(1992, 2 + number // 28, number % 28 + 1))
        clock.forward(days=1)
        await core.reminders.sweep(clock.now())
    assert [topic for topic, _ in await told() if topic == "birthday"] == []
    assert await one("SELECT count(*) FROM ledger_entry WHERE kind = 'gift'") == 2


LADDER = {
    "win_back": [
        {"days": 30, "points": 100_00, "life_days": 5, "text": "Ждём вас"},
        {"days": 60, "points": 200_00, "life_days": 5, "text": ""},
    ],
    "expiry_soon_days": [],
    "topics": [{"topic": "expired", "on": False, "telegram": True, "sms": False}],
}


async def test_the_ladder_wins_back_who_stays_away(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await core.programmes.change(LADDER)
    anna, silent, boris = [await enrol(core, number) for number in (1, 2, 3)]
    for customer in (anna, silent, boris):
        await buy(core, cashier, customer, 1_000_00)
    await withdraw(silent, "offers")
    await forget_messages()
    found = await days_pass(core, clock, 40)
    assert [(topic, data["points"], data["text"]) for topic, data in found] == [
        ("win_back", 100_00, "Ждём вас")
    ] * 2
    await buy(core, cashier, boris, 1_000_00)
    await forget_messages()
    found = await days_pass(core, clock, 50)
    assert [(topic, data["points"]) for topic, data in found] == [("win_back", 200_00), ("win_back", 100_00)]
    gifts = "SELECT count(*) FROM ledger_entry WHERE kind = 'gift' AND customer_id = $1"
    assert [await one(gifts, each) for each in (anna, silent, boris)] == [2, 0, 2]
    assert not (await check_ledger()).findings


async def test_a_ladder_that_is_set_up_late_floods_nobody(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    anna = await enrol(core, 1)
    await buy(core, cashier, anna, 1_000_00)
    clock.forward(days=50)
    await core.programmes.change(LADDER)
    await forget_messages()
    assert await days_pass(core, clock, 8) == []
    assert [data["points"] for _, data in await days_pass(core, clock, 4)] == [200_00]


async def test_an_offer_waits_until_the_last_one_is_a_week_old(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await core.programmes.change(LADDER)
    anna = await enrol(core, 1)
    await buy(core, cashier, anna, 1_000_00)
    clock.forward(days=28)
    await fetch(
        "INSERT INTO marketing_told (customer_id, message_id, told_at) VALUES ($1, 777, $2)", anna, clock.now()
    )
    await forget_messages()
    assert await days_pass(core, clock, 5) == []
    assert await points_of(core, anna) == 50_00, "nothing is given of which nobody is told"
    assert [topic for topic, _ in await days_pass(core, clock, 4)] == ["win_back"]
    assert await points_of(core, anna) == 150_00


async def test_a_discount_that_ends_is_told_of_once_an_absence(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await core.programmes.change({"discount_cancel_days": 20, "discount_ends_days": 3})
    anna = await enrol(core, 1)
    await buy(core, cashier, anna, 1_000_00)
    await customers.update(anna, rule_discount=700)
    await forget_messages()
    assert await days_pass(core, clock, 16.5) == []
    ((topic, data),) = await days_pass(core, clock, 8)
    assert (topic, data["discount"]) == ("discount_ends", 700)
    assert data["ends_at"] == (NOON + timedelta(days=20)).isoformat()


@pytest.mark.parametrize(("lives", "reminded"), [(2, 0), (7, 0), (8, 1)])
async def test_a_discount_that_lives_no_longer_than_the_reminders_days_is_no_news(
    core: Services, cashier: StaffActor, clock: ManualClock, lives: int, reminded: int
) -> None:
    await core.programmes.change({"discount_cancel_days": lives, "discount_ends_days": 7})
    anna = await enrol(core, 1)
    await buy(core, cashier, anna, 1_000_00)
    await customers.update(anna, rule_discount=700)
    await forget_messages()
    assert len(await days_pass(core, clock, 9)) == reminded


async def test_whoever_left_or_wants_none_is_not_reminded(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    anna, boris, left = [await enrol(core, number) for number in (1, 2, 3)]
    for customer in (anna, boris, left):
        await buy(core, cashier, customer, 1_000_00)
    await fetch("UPDATE lot SET expires_at = $1", NOON + timedelta(days=8))
    await withdraw(boris, "reminders")
    await fetch("UPDATE customer SET blocked_at = $1 WHERE id = $2", NOON, left)
    await fetch("UPDATE telegram_identity SET blocked_at = $1 WHERE customer_id = $2", NOON, anna)
    await forget_messages()
    clock.forward(days=1)
    await core.reminders.sweep(clock.now())
    rows = await fetch("SELECT customer_id, channel, wanted, template, phone FROM message")
    assert [tuple(row.values()) for row in rows] == [
        (anna, "sms", "telegram", "sms/expiry_soon", "79000000001")
    ], "who blocked the bot hears of it by SMS, as they agreed to that"


async def test_a_worker_that_dies_in_between_tells_nobody_twice(
    core: Services, cashier: StaffActor, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await core.programmes.change({"birthday_points": 100_00})
    people = [await enrol(core, number) for number in range(1, 8)]
    for customer in people:
        await customers.update(customer, birthday=date(1990, 3, 2))
    await forget_messages()
    monkeypatch.setattr("core.reminders.AT_ONCE", 2)
    calls = 0

    async def dies(*given: Any) -> set[int]:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise RuntimeError("killed")
        return await real(*given)

    from core import reminders

    real = reminders.tell
    monkeypatch.setattr("core.reminders.tell", dies)
    with pytest.raises(RuntimeError):
        await core.reminders.sweep(clock.now())
    assert len(await told()) == 4
    await core.reminders.sweep(clock.now())
    assert len(await told()) == 7
    assert {await points_of(core, customer) for customer in people} == {100_00}
    assert not (await check_ledger()).findings


async def test_a_level_is_told_by_sms_to_who_has_no_bot_if_the_merchant_chose_so(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    ladder = [{"name": name, "threshold": sum_} for name, sum_ in (("Бронза", 1_000_00), ("Серебро", 5_000_00))]
    await core.programmes.change({"levels": ladder})
    anna = await enrol(core, 1)
    await identities.mark_blocked("customer", 1, clock.now())
    level = "SELECT channel, template FROM message WHERE topic = 'level'"
    await buy(core, cashier, anna, 1_000_00)
    assert await fetch(level) == []
    await core.programmes.change({"topics": [{"topic": "level", "on": True, "telegram": True, "sms": True}]})
    await buy(core, cashier, anna, 5_000_00)
    assert [tuple(row.values()) for row in await fetch(level)] == [("sms", "sms/level_reached")]


async def test_whoever_leaves_as_their_gift_is_given_gets_none(
    core: Services, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep waits for the lock of a customer whose erasure is being committed."""
    await core.programmes.change({"birthday_points": 300_00})
    anna = await enrol(core, 1)
    await customers.update(anna, birthday=date(1990, 3, 2))
    lock = customers.lock

    async def after_an_erasure(*ids: int) -> dict[int, customers.CustomerRow]:
        await fetch("UPDATE customer SET status = 'erased' WHERE id = $1", anna)
        return await lock(*ids)

    monkeypatch.setattr(customers, "lock", after_an_erasure)
    await core.reminders.sweep(clock.now())
    assert await one("SELECT count(*) FROM reminder_due") == 0
    assert await one("SELECT count(*) FROM lot WHERE remaining > 0") == 0
