"""Money for SMS is taken before they leave: no race overspends it, and what did not go gives it back."""

import asyncio
import itertools
from datetime import date, timedelta
from typing import Any

import pytest

from core.actors import StaffActor
from core.domain.errors import CodeLimit, NotAllowed
from core.domain.people import Role
from core.ports import Delivery, SmsStatus
from core.services import Services
from core.sms_budget import BUDGET, LEASE_LOST, STOPPED, Expense
from core.store import claims, codes, outbox, outcomes, sms_money
from core.store.sql import fetch
from core.verification import Requester
from tests.conftest import ManualClock, hire
from tests.core.kit import fresh_key, one

PRICE = 6_00
DAY = date(2026, 3, 2)
OWNER_CHAT = 9100


async def claimed(core: Services, number: int, topic: str = "code") -> claims.Claimed:
    """An SMS that a worker has just claimed."""
    now = core.deps.clock.now()
    draft = outbox.Draft(
        topic=topic, channel="sms", template="sms/code_register", language="ru", phone="79000000001",
        dedupe_key=f"{topic}:{number}:{fresh_key()}", priority=0 if topic == "code" else 90,
    )  # fmt: skip
    await outbox.enqueue([draft], now)
    (found,) = await claims.claim("sms", None, worker=f"w{number}", now=now, lease=timedelta(minutes=1), limit=1)
    return found


async def reserve(core: Services, message: claims.Claimed, parts: int = 1, gateway: str = "one") -> str | None:
    return await core.sms_budget.reserve(Expense(message.id, message.worker, message.topic, parts, "bot"), gateway)


async def spent() -> int:
    """What the day has spent, proved against the messages."""
    day = await sms_money.spent(DAY)
    assert day == await one("SELECT COALESCE(sum(cost), 0) AS n FROM message WHERE cost_day = $1", DAY)
    return day


async def told(kind: str) -> list[dict[str, Any]]:
    """What the owner was told of a kind, in order."""
    rows = await fetch("SELECT dedupe_key, data, template, chat_id FROM message WHERE topic = 'alert' ORDER BY id")
    return [row for row in rows if row["dedupe_key"].startswith(f"alert:{kind}:")]


async def test_two_workers_take_the_last_money(core: Services) -> None:
    await core.programmes.change({"sms_daily_budget": 10 * PRICE})
    messages = [await claimed(core, number) for number in range(24)]
    refusals = await asyncio.gather(*(reserve(core, message) for message in messages))
    assert sorted(refusals, key=str) == [None] * 10 + [BUDGET] * 14
    assert await spent() == 10 * PRICE
    taken = next(message for message, refusal in zip(messages, refusals, strict=True) if refusal is None)
    assert await reserve(core, taken, gateway="two") is None  # not twice for one message
    assert await one("SELECT gateway FROM message WHERE id = $1", taken.id) == "two"
    assert await spent() == 10 * PRICE


async def test_a_part_is_kept_for_codes_and_what_did_not_go_is_free_again(core: Services) -> None:
    await core.programmes.change({"sms_daily_budget": 10 * PRICE, "sms_code_share": 3000})
    campaign = [await claimed(core, number, "campaign") for number in range(8)]
    assert [await reserve(core, each) for each in campaign] == [None] * 7 + [BUDGET]
    codes = [await claimed(core, number) for number in range(4)]
    assert [await reserve(core, each) for each in codes] == [None] * 3 + [BUDGET]
    await core.sms_budget.give_back(codes[0].id)
    await core.sms_budget.give_back(codes[0].id)
    assert await spent() == 9 * PRICE
    assert await one("SELECT cost FROM message WHERE id = $1", codes[0].id) is None
    assert await reserve(core, codes[3]) is None
    assert await reserve(core, campaign[7]) == BUDGET


async def test_the_price_that_the_gateway_tells_is_what_counts(core: Services, clock: ManualClock) -> None:
    message = await claimed(core, 1)
    assert await reserve(core, message, parts=3) is None
    assert await spent() == 3 * PRICE
    await core.sms_budget.book(message.id, None)
    assert await spent() == 3 * PRICE
    for _ in range(2):
        await core.sms_budget.book(message.id, 5_49)
        assert await spent() == 5_49
    clock.forward(days=1)
    await core.sms_budget.book(message.id, 4_00)  # of its own day, whenever the price comes
    assert await spent() == 4_00


async def test_a_worker_that_lost_its_lease_takes_nothing(core: Services) -> None:
    message = await claimed(core, 1)
    await claims.inherit("another", core.deps.clock.now())
    await outcomes.postpone(message.id, core.deps.clock.now())
    assert await reserve(core, message) == LEASE_LOST
    assert await spent() == 0


async def test_a_day_begins_at_the_merchants_midnight(core: Services, clock: ManualClock) -> None:
    await core.programmes.change({"sms_daily_budget": PRICE})
    clock.forward(hours=11.5)  # 20:30 UTC is 23:30 in Moscow
    assert await reserve(core, await claimed(core, 1)) is None
    second = await claimed(core, 2)
    assert await reserve(core, second) == BUDGET
    clock.forward(hours=1)
    assert await reserve(core, second) is None
    assert await spent() == PRICE


async def test_the_owner_is_told_at_50_80_and_100_percent_once_a_day(core: Services, clock: ManualClock) -> None:
    await hire(core, OWNER_CHAT, Role.OWNER)
    await hire(core, OWNER_CHAT + 1, Role.MANAGER)
    await core.programmes.change({"sms_daily_budget": 10 * PRICE})
    seen = []
    for number in range(12):
        await reserve(core, await claimed(core, number))
        seen.append(tuple([len(await told(f"budget:{mark}")) for mark in (50, 80, 100)]))
    assert seen[3:10] == [(0, 0, 0), (1, 0, 0), (1, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 0), (1, 1, 1)]
    assert seen[-1] == (1, 1, 1)
    assert {row["chat_id"] for row in await told("budget:50")} == {OWNER_CHAT}
    clock.forward(days=1)
    await core.sms_budget.begin_day(clock.now())
    assert await core.alerts.going_on() == []
    for number in range(5):
        await reserve(core, await claimed(core, 100 + number))
    assert len(await told("budget:50")) == 2


async def test_a_raised_budget_has_its_own_marks(core: Services, clock: ManualClock) -> None:
    await hire(core, OWNER_CHAT, Role.OWNER)
    await core.programmes.change({"sms_daily_budget": 2 * PRICE})
    for number in range(2):
        await reserve(core, await claimed(core, number))
    assert len(await core.alerts.going_on()) == 3
    clock.forward(hours=2)
    await core.programmes.change({"sms_daily_budget": 10 * PRICE})
    for number in range(3):
        await reserve(core, await claimed(core, 10 + number))
    assert [len(await told(f"budget:{mark}")) for mark in (50, 80, 100)] == [2, 1, 1]
    await core.sms_budget.begin_day(clock.now())
    assert [each.kind for each in await core.alerts.going_on()] == ["budget:50"]  # spent is half of what it is now
    for number in range(5):
        await reserve(core, await claimed(core, 20 + number))
    assert [len(await told(f"budget:{mark}")) for mark in (50, 80, 100)] == [2, 2, 2]


async def test_a_refund_below_a_mark_tells_nothing_anew(core: Services) -> None:
    await hire(core, OWNER_CHAT, Role.OWNER)
    await core.programmes.change({"sms_daily_budget": 2 * PRICE})
    first = await claimed(core, 1)
    await reserve(core, first)
    await core.sms_budget.give_back(first.id)
    await reserve(core, await claimed(core, 2))
    assert len(await told("budget:50")) == 1


# --- codes that nobody enters -------------------------------------------------------------------------
async def send_codes(clock: ManualClock, number: int, *, entered: int, first: int = 0) -> None:
    """So many codes asked for by strangers and sent, of which some were entered."""
    now = clock.now()
    ids = [
        await codes.insert(
            purpose="register", subject=f"tg:{each}", method="sms", phone=f"79{each:09d}", code_hash="x",
            staff_member_id=None, tries_left=3, expires_at=now + timedelta(minutes=5),
            used_at=now if each < entered else None, request_key=fresh_key(), input_hash="x", now=now,
        )
        for each in range(first, first + number)
    ]  # fmt: skip
    drafts = [
        outbox.Draft(
            topic="code", channel="sms", template="sms/code_register", language="ru", phone="79000000001",
            dedupe_key=f"code:{each}", priority=0,
        )
        for each in ids
    ]  # fmt: skip
    await outbox.enqueue(drafts, now)
    await fetch("UPDATE message SET state = 'sent', sent_at = $1 WHERE state = 'queued'", now)
    clock.forward(minutes=10)


async def ask(core: Services, number: int) -> None:
    """A stranger asks for a code."""
    by = Requester("customer", 500 + number, "ru")
    await core.verification.request(
        purpose="register", subject=f"tg:{number}", phone=f"79{number:09d}", by=by, key=fresh_key()
    )


@pytest.mark.parametrize(("entered", "stops"), [(9, True), (10, False)])
async def test_codes_stop_when_under_a_fifth_is_entered(
    core: Services, clock: ManualClock, entered: int, stops: bool
) -> None:
    await hire(core, OWNER_CHAT, Role.OWNER)
    await send_codes(clock, 50, entered=entered)
    await core.code_stops.judge(clock.now())
    await core.code_stops.judge(clock.now())
    assert await sms_money.stops() == (["bot"] if stops else [])
    assert len(await told("codes_not_entered:bot")) == int(stops)


async def test_too_few_too_old_or_too_young_codes_prove_nothing(core: Services, clock: ManualClock) -> None:
    await send_codes(clock, 29, entered=0)
    await core.code_stops.judge(clock.now())
    clock.forward(days=2)
    await send_codes(clock, 29, entered=0, first=100)
    await core.code_stops.judge(clock.now())
    assert await sms_money.stops() == []
    await core.code_stops.judge(clock.now() - timedelta(minutes=9))
    assert await sms_money.stops() == []


async def test_stopped_codes_are_refused_until_the_owner_resumes(
    core: Services, clock: ManualClock, cashier: StaffActor
) -> None:
    owner = await hire(core, OWNER_CHAT, Role.OWNER)
    await send_codes(clock, 40, entered=0)
    waiting = await claimed(core, 1)
    await core.code_stops.judge(clock.now())
    with pytest.raises(CodeLimit) as refused:
        await ask(core, 900)
    assert refused.value.data["scope"] == "stopped"
    assert await reserve(core, waiting) == STOPPED
    by_till = Requester("staff", 7, "ru", cashier.id)
    await core.verification.request(purpose="redeem", subject="p:1", phone="79990000001", by=by_till, key="till")
    with pytest.raises(NotAllowed):
        await core.code_stops.resume(cashier, "bot")
    assert await core.code_stops.resume(owner, "bot")
    assert not await core.code_stops.resume(owner, "bot")
    assert await reserve(core, waiting) is None
    clock.forward(minutes=1)
    await core.code_stops.judge(clock.now())  # what was before the resuming is not held against it
    assert await sms_money.stops() == []
    await ask(core, 950)
    assert len(await told("codes_not_entered:bot")) == 2  # its beginning and its end


# --- statuses -----------------------------------------------------------------------------------------
async def sent_message(core: Services, number: int) -> int:
    message = await claimed(core, number)
    await reserve(core, message)
    await outcomes.settle(message, "sent", now=core.deps.clock.now(), provider_id=f"7-{number}")
    return message.id


async def due(core: Services) -> list[str]:
    return [each.provider_id for each in await core.sms_statuses.due(10)]


async def test_messages_without_an_end_are_asked_for_ever_more_seldom_for_a_day(
    core: Services, clock: ManualClock
) -> None:
    await sent_message(core, 1)
    asked_at = []
    began = clock.now()
    while clock.now() - began < timedelta(hours=26):
        for each in await core.sms_statuses.due(10):
            await core.sms_statuses.note(each, SmsStatus(Delivery.PENDING))
            asked_at.append((clock.now() - began).total_seconds())
        clock.forward(seconds=30)
    pauses = [later - sooner for sooner, later in itertools.pairwise(asked_at)]
    assert asked_at[0] == 30
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (30, 3600)
    assert 23 * 3600 < asked_at[-1] <= 24 * 3600
    assert len(asked_at) < 70


async def test_an_end_is_noted_once_with_its_reason_and_price(core: Services, clock: ManualClock) -> None:
    first, second = await sent_message(core, 1), await sent_message(core, 2)
    assert await due(core) == []
    clock.forward(seconds=10)
    asked = {each.id: each for each in await core.sms_statuses.due(10)}
    assert not await core.sms_statuses.note(asked[first], SmsStatus(Delivery.DELIVERED, cost=5_00))
    assert await core.sms_statuses.note(asked[second], SmsStatus(Delivery.FAILED, "expired", 0))
    assert not await core.sms_statuses.note(asked[second], SmsStatus(Delivery.DELIVERED))
    rows = await fetch("SELECT state, reason, cost, delivered_at FROM message ORDER BY id")
    assert [(row["state"], row["reason"], row["cost"]) for row in rows] == [
        ("delivered", None, 5_00),
        ("failed", "expired", 0),
    ]
    assert [row["delivered_at"] is not None for row in rows] == [True, False]
    assert await spent() == 5_00
    assert await due(core) == []


async def test_a_report_only_makes_the_next_look_sooner(core: Services, clock: ManualClock) -> None:
    message = await sent_message(core, 1)
    clock.forward(seconds=10)
    for each in await core.sms_statuses.due(10):
        await core.sms_statuses.note(each, SmsStatus(Delivery.PENDING))
    assert await core.sms_statuses.hint(["7-1"]) == 0  # asked for a moment ago
    clock.forward(seconds=10)
    assert await due(core) == []
    assert await core.sms_statuses.hint(["7-1", "7-2", "nothing"]) == 1
    assert await due(core) == ["7-1"]
    assert await one("SELECT state FROM message WHERE id = $1", message) == "sent"


async def test_gateways_that_go_down_and_money_that_runs_short_are_told(
    core: Services, clock: ManualClock
) -> None:
    await hire(core, OWNER_CHAT, Role.OWNER)
    await core.programmes.change({"sms_low_balance": 100_00})
    await core.sms_statuses.note_down("smsaero", "timeout")
    await core.sms_statuses.note_down("smsaero", "lost")
    assert len(await told("gateway_down:smsaero")) == 1
    await core.sms_statuses.note_balance("smsaero", 99_99)
    await core.sms_statuses.note_balance("smsaero", 99_00)
    (row,) = await core.sms_statuses.gateways()
    assert (row.balance, row.reason, row.down_since) == (99_00, "lost", clock.now())
    assert len(await told("money_short:smsaero")) == 1
    clock.forward(minutes=11)
    await core.sms_statuses.note_balance("smsaero", 5_000_00)
    assert [alert.kind for alert in await core.alerts.going_on()] == []
    assert len(await told("money_short:smsaero")) == 2
    assert len(await told("gateway_down:smsaero")) == 2
