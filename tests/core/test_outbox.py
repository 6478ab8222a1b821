"""The outbox: claimed in order, by one worker at a time, and told once; and marks of handled updates."""

import asyncio
from datetime import timedelta

import pytest

from core.services import Services
from core.store import claims, consents, outbox, outcomes, updates
from core.store.claims import Claimed
from core.store.outbox import Draft
from core.store.sql import fetch, is_postgres
from core.store.transactions import run_in_transaction
from tests.conftest import ManualClock
from tests.core.kit import one

LEASE = timedelta(seconds=60)


def draft(key: str, priority: int = 10, **more: object) -> Draft:
    values: dict[str, object] = {"topic": "t", "channel": "telegram", "template": "x", "language": "ru"}
    values |= {"dedupe_key": key, "priority": priority, "bot": "customer", "chat_id": 1}
    return Draft(**(values | more))  # type: ignore[arg-type]


async def claim(
    clock: ManualClock, limit: int = 10, worker: str = "w", bot: str | None = "customer"
) -> list[Claimed]:
    channel = "telegram" if bot else "sms"
    return await claims.claim(channel, bot, worker=worker, now=clock.now(), lease=LEASE, limit=limit)


def keys(claimed: list[Claimed]) -> list[str]:
    return [message.dedupe_key for message in claimed]


async def test_codes_go_first_then_the_oldest(store: str, clock: ManualClock) -> None:
    await outbox.enqueue([draft("a"), draft("b")], clock.now())
    clock.forward(seconds=1)
    await outbox.enqueue([draft("later"), draft("code", priority=0), draft("news", priority=50)], clock.now())
    assert keys(await claim(clock, 1)) == ["code"]
    assert keys(await claim(clock, 2)) == ["a", "b"]
    assert keys(await claim(clock)) == ["later", "news"]
    assert await claim(clock) == []


async def test_a_message_waits_for_its_time_and_its_bot(store: str, clock: ManualClock) -> None:
    due = clock.now() + timedelta(minutes=5)
    await outbox.enqueue(
        [
            draft("later", not_before=due),
            draft("staff", bot="staff"),
            draft("sms", channel="sms", bot=None, chat_id=None, phone="79160000001"),
        ],
        clock.now(),
    )
    assert await claim(clock) == []
    assert keys(await claim(clock, bot="staff")) == ["staff"]
    assert keys(await claim(clock, bot=None)) == ["sms"]
    clock.forward(minutes=5)
    assert keys(await claim(clock)) == ["later"]


async def test_the_same_is_told_once(store: str, clock: ManualClock) -> None:
    await outbox.enqueue([draft("a", data={"n": 1})], clock.now())
    await outbox.enqueue([draft("a", data={"n": 2}), draft("b")], clock.now())
    assert [(message.dedupe_key, message.data) for message in await claim(clock)] == [("a", {"n": 1}), ("b", {})]
    await outbox.enqueue([draft("a")], clock.now())
    assert await claim(clock) == []
    await outbox.enqueue([], clock.now())


async def test_workers_at_once_share_no_row(store: str, clock: ManualClock) -> None:
    await outbox.enqueue([draft(f"m{n}") for n in range(60)], clock.now())
    shares = await asyncio.gather(*(claim(clock, 7, worker=f"w{n}") for n in range(12)))
    assert all(len(claimed) <= 7 for claimed in shares)
    taken = [message.id for claimed in shares for message in claimed]
    while rest := await claim(clock, 7):
        assert len(rest) <= 7
        taken += [message.id for message in rest]
    assert len(taken) == len(set(taken)) == 60
    assert await one("SELECT count(*) FROM message WHERE state = 'sending' AND tries = 1") == 60


async def test_a_dead_workers_messages_are_found_when_the_lease_ends(store: str, clock: ManualClock) -> None:
    await outbox.enqueue([draft("a"), draft("b")], clock.now())
    first, second = await claim(clock)
    await outcomes.settle(first.id, "sent", now=clock.now(), telegram_message_id=5)
    clock.forward(seconds=59)
    assert await claims.take_over("r", clock.now(), LEASE) == []
    clock.forward(seconds=1)
    assert [lost.id for lost in await claims.take_over("r", clock.now(), LEASE)] == [second.id]
    await outcomes.postpone(second.id, clock.now() + timedelta(seconds=10))
    assert await claim(clock) == []
    clock.forward(seconds=10)
    (again,) = await claim(clock)
    assert (again.id, again.tries) == (second.id, 2)


async def test_a_new_leader_inherits_at_once(store: str, clock: ManualClock) -> None:
    await outbox.enqueue([draft("a")], clock.now())
    await claim(clock, worker="old")
    await claims.inherit("old", clock.now())
    assert await claims.take_over("r", clock.now(), LEASE) == []
    await claims.inherit("new", clock.now())
    assert len(await claims.take_over("r", clock.now(), LEASE)) == 1


@pytest.mark.parametrize(("state", "kept"), [("sent", False), ("failed", False), ("unknown", True)])
async def test_a_secret_is_wiped_unless_its_fate_is_open(
    store: str, clock: ManualClock, state: str, kept: bool
) -> None:
    await outbox.enqueue([draft("a", secret="sealed")], clock.now())
    (message,) = await claim(clock)
    assert message.secret == "sealed"
    await outcomes.settle(message.id, state, now=clock.now(), reason="r")
    row = (await fetch("SELECT secret, state, sent_at IS NULL AS unsent FROM message"))[0]
    assert (row["secret"] is not None, row["state"], bool(row["unsent"])) == (kept, state, state != "sent")


async def test_what_waits_can_be_withdrawn_and_what_left_can_not(store: str, clock: ManualClock) -> None:
    await outbox.enqueue([draft("left"), draft("waits", secret="s")], clock.now())
    (left,) = await claim(clock, 1)
    await outbox.suppress(["left", "waits", "unknown"], "withdrawn")
    await outbox.suppress([], "nothing")
    assert await outbox.states(["left", "waits", "nowhere"]) == {"left": "sending", "waits": "suppressed"}
    await outcomes.settle(left.id, "sent", now=clock.now(), telegram_message_id=77)
    assert await outbox.target_of("left") == (1, 77)
    assert await outbox.target_of("waits") is None
    assert await one("SELECT secret FROM message WHERE dedupe_key = 'waits'") is None


async def test_what_is_withdrawn_on_its_way_is_too_late_for_another_try(store: str, clock: ManualClock) -> None:
    later = clock.now() + timedelta(minutes=5)
    await outbox.enqueue([draft("code:1", secret="s", not_after=later)], clock.now())
    (message,) = await claim(clock)
    await outbox.suppress(["code:1"], "superseded")
    await outcomes.postpone(message.id, clock.now())
    (again,) = await claim(clock)
    assert again.not_after is not None
    assert again.not_after <= clock.now()


async def test_lost_sms_are_asked_for_in_their_time(store: str, clock: ManualClock) -> None:
    await outbox.enqueue([draft("a", channel="sms", bot=None)], clock.now())
    (message,) = await claim(clock, bot=None)
    await outcomes.settle(message.id, "unknown", now=clock.now())
    born = clock.now()
    assert await claims.lost_sms(asked_after=born, since=born - LEASE) == []
    found = await claims.lost_sms(asked_after=born + LEASE, since=born - LEASE)
    assert keys(found) == ["a"]
    assert await claims.lost_sms(asked_after=born + LEASE, since=born) == []


async def test_an_update_is_handled_once_with_its_dialogue(store: str, clock: ManualClock) -> None:
    assert await updates.open_updates([("7:1", "customer:5")]) == [updates.Opened(False, None, {})]
    await updates.close_update("7:1", clock.now(), ("customer:5", "asked_phone", {"имя": "ё"}))
    await updates.close_update("7:1", clock.now(), None)
    assert await updates.open_updates([("7:1", "customer:5")]) == [
        updates.Opened(True, "asked_phone", {"имя": "ё"})
    ]
    assert await updates.open_updates([("7:2", "customer:6")]) == [updates.Opened(False, None, {})]
    assert await updates.open_updates([("7:2", None)]) == [updates.Opened(False, None, {})]
    assert await updates.dialogue("customer:5") == ("asked_phone", {"имя": "ё"})
    await updates.close_update("7:2", clock.now(), ("customer:5", None, {}))
    assert await updates.dialogue("customer:5") == (None, {})
    assert await one("SELECT count(*) FROM dialogue") == 0


async def test_an_update_closed_many_times_at_once_is_one(store: str, clock: ManualClock) -> None:
    closes = [updates.close_update("7:1", clock.now(), ("d", "s", {"n": n})) for n in range(10)]
    await asyncio.gather(*closes)
    assert await one("SELECT count(*) FROM handled_update") == 1
    assert (await updates.dialogue("d"))[0] == "s"


async def test_a_parked_update_is_kept_as_it_came(store: str, clock: ManualClock) -> None:
    await updates.park(7, 1, '{"text": "ё\x00👨‍👩‍👧"}', "ValueError", clock.now())
    row = (await fetch("SELECT bot_id, update_id, payload FROM parked_update"))[0]
    assert row == {"bot_id": 7, "update_id": 1, "payload": '{"text": "ё👨‍👩‍👧"}'}


async def test_a_lease_has_one_holder_until_it_ends(store: str, clock: ManualClock) -> None:
    takes = [updates.take_lease("relay", f"h{n}", clock.now(), LEASE) for n in range(10)]
    assert (await asyncio.gather(*takes)).count(True) == 1
    holder = await updates.lease_holder("relay")
    assert holder is not None
    assert await updates.take_lease("relay", holder, clock.now(), LEASE)
    assert not await updates.take_lease("relay", "other", clock.now(), LEASE)
    clock.forward(seconds=59)
    assert not await updates.take_lease("relay", "other", clock.now(), LEASE)
    clock.forward(seconds=1)
    assert await updates.take_lease("relay", "other", clock.now(), LEASE)
    await updates.drop_lease("relay", holder)
    assert await updates.lease_holder("relay") == "other"
    await updates.drop_lease("relay", "other")
    assert await updates.take_lease("relay", "third", clock.now(), LEASE)


async def test_a_superseded_receipt_is_in_the_same_transaction(core: Services, clock: ManualClock) -> None:
    """What is told of a verb that failed is never told."""

    async def work() -> None:
        await outbox.enqueue([draft("never")], clock.now())
        raise LookupError("the verb failed")

    with pytest.raises(LookupError):
        await run_in_transaction(work)
    assert await one("SELECT count(*) FROM message WHERE dedupe_key = 'never'") == 0


async def test_what_the_relay_asks_every_few_seconds_is_answered_by_an_index(
    core: Services, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many messages the outbox has told in its years."""
    asked: list[tuple[str, tuple[object, ...]]] = []

    async def noting(statement: str, *values: object) -> list[dict[str, object]]:
        asked.append((statement, values))
        return await fetch(statement, *values)

    for module in (claims, consents):
        monkeypatch.setattr(module, "fetch", noting)
    await claims.lost_sms(asked_after=clock.now(), since=clock.now() - LEASE)
    await claims.take_over("r", clock.now(), LEASE)
    await claims.inherit("w", clock.now())
    await consents.suppress_withdrawn(clock.now())
    await claim(clock)

    async def plans() -> list[str]:
        if is_postgres():  # as it is with many rows
            await fetch("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN" if is_postgres() else "EXPLAIN QUERY PLAN"
        rows = [row for statement, values in asked for row in await fetch(f"{explain} {statement}", *values)]
        return [str(row["QUERY PLAN"] if is_postgres() else row["detail"]) for row in rows]

    found = [step for step in await run_in_transaction(plans) if " message" in step]
    assert [step for step in found if step.startswith("SCAN") or "Seq Scan on message" in step] == []
    for index in ("message_lost_sms", "message_leased", "message_queue"):
        assert any(index in step for step in found), index
