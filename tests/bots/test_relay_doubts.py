"""Messages whose fate is not known: never lost, at most two copies, over lost answers and over crashes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.relay.by_telegram import TelegramLane
from bot.relay.lane import Lane, Queue
from bot.relay.last_tries import MOST_WAIT
from bot.relay.loop import Relay
from bot.telegram import Pace, build_bot
from core.services import Services
from core.store import claims, health, outbox, outcomes
from core.store.sql import fetch
from core.store.transactions import StoreUnavailable
from handlers.rendering import Renderer
from simulator import Fault, Simulator
from tests.bots.world import ANNA, CUSTOMER_BOT, simulated, simulated_sms
from tests.conftest import ManualClock

TEMPLATES = Path(__file__).parents[2] / "templates"


@dataclass
class Ground:
    """One lane and one message that waits."""

    core: Services
    simulator: Simulator
    lane: TelegramLane
    relay: Relay
    clock: ManualClock

    async def try_it(self) -> None:
        """Time passes, and what is due is claimed and delivered."""
        self.clock.forward(minutes=1)
        for message in await claim(self.clock):
            await self.lane.deliver(message)

    def copies(self) -> int:
        return len(self.simulator.world.from_bot(ANNA.id, CUSTOMER_BOT.id))

    def sends(self) -> int:
        return len(self.simulator.world.journal.calls("sendMessage"))


class Leading:
    """A relay that leads for ever."""

    may_claim, is_ending = True, False

    async def rest(self, seconds: float) -> None:
        raise AssertionError("nobody waits here")

    def survive(self, event: str, error: Exception, **more: object) -> None:
        raise error


async def claim(clock: ManualClock, worker: str = "w") -> list[claims.Claimed]:
    lease = timedelta(seconds=10)
    return await claims.claim("telegram", "customer", worker=worker, now=clock.now(), lease=lease, limit=5)


async def fate() -> tuple[str, str | None]:
    row = (await fetch("SELECT state, reason FROM message"))[0]
    return row["state"], row["reason"]


@pytest_asyncio.fixture
async def ground(core: Services, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ground]:
    monkeypatch.setattr("bot.relay.last_tries.QUIET_S", 0.0)
    async with simulated() as simulator:
        simulator.world.open_chat(simulator.world.bot(CUSTOMER_BOT), ANNA)
        pace = Pace(per_second=2000, burst=1000, chat_burst=1000)
        bot = build_bot(CUSTOMER_BOT.token, api_url=simulator.url, pace=pace, request_s=600, total_s=600)
        sms = simulated_sms(simulator)
        renderer = Renderer(TEMPLATES, clock=clock)
        draft = outbox.Draft(
            topic="sms", channel="telegram", bot="customer", chat_id=ANNA.id, template="notice/sms_unknown",
            language="ru", dedupe_key="one", priority=0, data={"purpose": "verify", "phone": "79000000001"},
        )  # fmt: skip
        await outbox.enqueue([draft], clock.now())
        lane = TelegramLane(core, renderer, "customer", bot)
        yield Ground(core, simulator, lane, Relay(core, renderer, {"customer": bot}, sms), clock)
        await bot.session.close()
        await sms.close()


async def test_an_answer_that_was_lost_once_makes_two_copies(ground: Ground) -> None:
    ground.simulator.world.faults.add(Fault(method="sendMessage", kind="reset_after", times=1))
    await ground.try_it()
    assert await fate() == ("queued", "unknown")
    await ground.try_it()
    assert await fate() == ("sent", None)
    assert ground.copies() == 2


async def test_answers_that_are_always_lost_make_two_copies_and_no_more(ground: Ground) -> None:
    ground.simulator.world.faults.add(Fault(method="sendMessage", kind="garbage_after"))
    for _ in range(5):
        await ground.try_it()
    assert await fate() == ("unknown", "no_answer")
    assert (ground.copies(), ground.sends()) == (2, 2)


async def test_the_second_try_waits_until_telegram_is_well(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.delivery.Delivery._wait_after", lambda *_: 0.0)
    ground.simulator.world.faults.add(Fault(kind="500"))
    for _ in range(4):
        await ground.try_it()
    assert await fate() == ("queued", "unknown")
    assert (ground.copies(), ground.sends()) == (0, 1)
    ground.simulator.world.faults.clear()
    monkeypatch.setattr("bot.relay.last_tries.QUIET_S", 1e9)
    await ground.try_it()
    assert ground.sends() == 1, "it was tried again although it had just failed"
    monkeypatch.setattr("bot.relay.last_tries.QUIET_S", 0.0)
    await ground.try_it()
    assert await fate() == ("sent", None)
    assert ground.copies() == 1


@pytest.mark.parametrize("kind", ["500", "garbage_after", "400", "403"])
async def test_one_question_without_an_answer_is_enough_to_wait(ground: Ground, kind: str) -> None:
    """A Telegram that answers now and then would pass a question that is asked until it is answered."""
    faults = ground.simulator.world.faults
    faults.add(Fault(method="sendMessage", kind="reset_before", times=1))
    await ground.try_it()
    faults.add(Fault(method="getMe", kind=kind, times=1))
    await ground.try_it()
    assert (await fate(), ground.sends()) == (("queued", "unknown"), 1)
    await ground.try_it()
    assert await fate() == ("sent", None)
    assert ground.copies() == 1


async def test_of_doubtful_messages_one_only_meets_a_trouble_that_begins(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They wait for one another: the one that goes first tells the others that Telegram is unwell again."""
    drafts = [
        outbox.Draft(
            topic="sms", channel="telegram", bot="customer", chat_id=ANNA.id, template="notice/sms_unknown",
            language="ru", dedupe_key=f"more:{n}", priority=0, data={"purpose": "verify", "phone": "79000000001"},
        )
        for n in range(4)
    ]  # fmt: skip
    await outbox.enqueue(drafts, ground.clock.now())
    await fetch("UPDATE message SET reason = 'unknown'")
    ground.simulator.world.faults.add(Fault(method="sendMessage", kind="reset_before"))
    ground.clock.forward(minutes=1)
    monkeypatch.setattr("bot.relay.last_tries.QUIET_S", 60.0)
    await asyncio.gather(*(ground.lane.deliver(each) for each in await claim(ground.clock)))
    monkeypatch.setattr("bot.relay.last_tries.QUIET_S", 0.0)
    assert ground.sends() == 1
    assert await fetch("SELECT state, count(*) AS n FROM message GROUP BY state ORDER BY state") == [
        {"state": "queued", "n": 4},
        {"state": "unknown", "n": 1},
    ]
    ground.simulator.world.faults.clear()
    for _ in range(2):
        await ground.try_it()
    assert ground.copies() == 4


async def test_last_tries_leave_room_for_first_ones_while_telegram_keeps_silent(ground: Ground) -> None:
    drafts = [
        outbox.Draft(
            topic="sms", channel="telegram", bot="customer", chat_id=1000 + n, template="notice/sms_unknown",
            language="ru", dedupe_key=f"more:{n}", priority=0, data={"purpose": "verify", "phone": "79000000001"},
        )
        for n in range(9)
    ]  # fmt: skip
    await outbox.enqueue(drafts, ground.clock.now())
    await fetch("UPDATE message SET reason = 'unknown'")
    ground.simulator.world.faults.add(Fault(method="getMe", kind="hang"))
    doubtful = [*await claim(ground.clock), *await claim(ground.clock)]
    at_work = {asyncio.create_task(ground.lane.deliver(each)) for each in doubtful}
    async with asyncio.timeout(60):
        while len(at_work) > MOST_WAIT:
            done, at_work = await asyncio.wait(at_work, return_when=asyncio.FIRST_COMPLETED)
            assert all(each.exception() is None for each in done)
    try:
        assert len(at_work) == MOST_WAIT, "one that Telegram does not answer holds up all others"
        assert await fetch(
            "SELECT state, tries, count(*) AS n FROM message GROUP BY state, tries ORDER BY state"
        ) == [
            {"state": "queued", "tries": 1, "n": len(doubtful) - MOST_WAIT},
            {"state": "sending", "tries": 1, "n": MOST_WAIT},
        ]
    finally:
        for each in at_work:
            each.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)


async def test_a_last_try_that_was_put_off_often_waits_no_longer_for_the_network(ground: Ground) -> None:
    await fetch("UPDATE message SET reason = 'unknown', tries = 40")
    (message,) = await claim(ground.clock)
    bot = build_bot(CUSTOMER_BOT.token, api_url="http://127.0.0.1:1")  # where nobody listens
    lane = TelegramLane(ground.core, Renderer(TEMPLATES, clock=ground.clock), "customer", bot)
    await lane.deliver(message)
    await bot.session.close()
    assert await fate() == ("queued", "unknown")
    ground.clock.forward(seconds=15)
    assert len(await claim(ground.clock)) == 1


async def test_one_that_surely_did_not_leave_keeps_its_doubt(ground: Ground) -> None:
    faults = ground.simulator.world.faults
    faults.add(Fault(method="sendMessage", kind="garbage_after", times=1))
    await ground.try_it()
    faults.add(Fault(method="sendMessage", kind="429", retry_after=900, times=1))
    await ground.try_it()
    assert await fate() == ("queued", "unknown")
    assert ground.copies() == 1


async def test_a_crash_counts_as_a_try_when_it_may_have_been_one(ground: Ground) -> None:
    (first,) = await claim(ground.clock)
    await outcomes.begin_try(first, claims.FIRST_TRY)
    ground.clock.forward(minutes=5)
    await ground.relay._recover()
    assert await fate() == ("queued", "worker_lost")
    (again,) = await claim(ground.clock)
    assert again.is_doubtful
    ground.clock.forward(minutes=5)
    await ground.relay._recover()
    assert await fate() == ("queued", "worker_lost"), "it was not sent a second time yet"
    (again,) = await claim(ground.clock)
    await outcomes.begin_try(again, claims.LAST_TRY)
    ground.clock.forward(minutes=5)
    await ground.relay._recover()
    assert await fate() == ("unknown", "worker_lost")


async def test_a_crash_while_it_waits_for_its_turn_is_no_try(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often a worker dies before the call, the message comes, and once."""

    async def killed(*_: object, **__: object) -> None:
        raise asyncio.CancelledError

    for doubt in (None, "worker_lost"):
        await fetch("UPDATE message SET state = 'queued', reason = $1", doubt)
        with monkeypatch.context() as patched:
            patched.setattr("bot.telegram.pace.Pace.turn", killed)
            for _ in range(3):
                (claimed,) = await claim(ground.clock)
                with pytest.raises(asyncio.CancelledError):
                    await ground.lane.deliver(claimed)
                ground.clock.forward(minutes=5)
                await ground.relay._recover()
        assert await fate() == ("queued", doubt or "not_sent")
    await ground.try_it()
    assert await fate() == ("sent", None)
    assert ground.copies() == 1


@pytest.mark.parametrize("doubt", [None, "worker_lost"])
async def test_a_try_that_can_not_be_noted_is_not_made(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, doubt: str | None
) -> None:
    await fetch("UPDATE message SET reason = $1", doubt)

    async def noted_and_cut_off(message: claims.Claimed, reason: str) -> bool:
        await begin_try(message, reason)
        raise StoreUnavailable("ConnectionResetError")

    begin_try = outcomes.begin_try
    with monkeypatch.context() as patched:
        patched.setattr(outcomes, "begin_try", noted_and_cut_off)
        (claimed,) = await claim(ground.clock)
        with pytest.raises(StoreUnavailable):
            await ground.lane.deliver(claimed)
    assert (await fate(), ground.sends()) == (("queued", doubt), 0)
    await ground.try_it()
    assert await fate() == ("sent", None)
    assert ground.copies() == 1


async def test_a_doubtful_one_that_another_worker_took_is_not_sent_a_third_time(ground: Ground) -> None:
    """This worker stalls before its last try for longer than its lease, and another one makes that try."""
    ground.simulator.world.faults.add(Fault(method="sendMessage", kind="garbage_after"))
    await ground.try_it()
    ground.clock.forward(minutes=1)
    (stalled,) = await claim(ground.clock)
    ground.clock.forward(minutes=5)
    await ground.relay._recover()
    (taken,) = await claim(ground.clock, "another")
    await ground.lane.deliver(taken)
    await ground.lane.deliver(stalled)
    assert await fate() == ("unknown", "no_answer")
    assert (ground.copies(), ground.sends()) == (2, 2)


@pytest.mark.parametrize("kind", ["401", "404"])
async def test_nothing_is_lost_while_telegram_refuses_the_token(ground: Ground, kind: str) -> None:
    faults = ground.simulator.world.faults
    faults.add(Fault(method="sendMessage", kind=kind))
    for _ in range(6):
        await ground.try_it()
        assert await fate() == ("queued", "not_sent")
    assert ground.lane.paused_for() > 0, "the rest of the queue is thrown at a token that is refused"
    assert (await health.late_messages(ground.clock.now() - timedelta(minutes=5))).messages == 1
    faults.clear()
    await ground.try_it()
    assert await fate() == ("sent", None)
    assert ground.copies() == 1


async def test_a_claim_whose_answer_was_lost_is_given_back(ground: Ground) -> None:
    (lost,) = await claim(ground.clock)
    await claims.unclaim("another")
    assert await fate() == ("sending", None)
    await claims.unclaim("w")
    assert await fate() == ("queued", None)
    (again,) = await claim(ground.clock)
    assert (again.id, again.tries, again.is_doubtful) == (lost.id, 1, False)


async def test_what_is_taken_over_is_not_begun_by_whoever_only_stalled(ground: Ground) -> None:
    """It comes back right while another one looks for what it had left: one of the two sends."""
    (stalled,) = await claim(ground.clock)
    ground.clock.forward(minutes=5)
    (taken,) = await claims.take_over("another", ground.clock.now(), timedelta(seconds=10))
    await ground.lane.deliver(stalled)
    assert (ground.sends(), await fate()) == (0, ("sending", None))
    await outcomes.postpone(taken, ground.clock.now())
    await ground.try_it()
    assert (ground.sends(), await fate()) == (1, ("sent", None))


async def test_what_arrives_while_it_is_taken_over_is_not_sent_again(ground: Ground) -> None:
    (stalled,) = await claim(ground.clock)
    assert await outcomes.begin_try(stalled, claims.FIRST_TRY)
    ground.clock.forward(minutes=5)
    (taken,) = await claims.take_over("another", ground.clock.now(), timedelta(seconds=10))
    await outcomes.settle(stalled, "sent", now=ground.clock.now())
    await outcomes.postpone(taken, ground.clock.now())
    assert await fate() == ("sent", None)


async def test_a_lane_that_claims_anew_what_it_had_is_not_taken_for_its_earlier_self(ground: Ground) -> None:
    """A message waits longer than its lease, and the same lane has it twice by then: one of the two sends it."""
    had: list[claims.Claimed] = []

    async def keep(message: claims.Claimed) -> None:
        had.append(message)

    queue = Queue("telegram", "customer", bulk=False, slots=5, deliver=keep)
    lane = Lane(queue, Leading(), "w", ground.clock, 0.01)
    for _ in range(2):
        await lane._take(5)
        await asyncio.gather(*lane._at_work)
        ground.clock.forward(minutes=5)
        await ground.relay._recover()
        ground.clock.forward(minutes=1)
    await lane._take(5)
    await asyncio.gather(*lane._at_work)
    first, second, third = had
    assert first.id == second.id == third.id
    begun = [await outcomes.begin_try(each, claims.FIRST_TRY) for each in had]
    assert begun == [False, False, True]


async def claimed_sms(ground: Ground, template: str = "sms/code_verify", topic: str = "code") -> None:
    draft = outbox.Draft(
        topic=topic, channel="sms", phone="79000000001", template=template, language="ru",
        dedupe_key="sms", priority=0, notify_bot="customer", notify_chat_id=ANNA.id,
    )  # fmt: skip
    await outbox.enqueue([draft], ground.clock.now())
    now, lease = ground.clock.now(), timedelta(seconds=10)
    await claims.claim("sms", None, worker="w", now=now, lease=lease, limit=5)


async def fate_of_sms() -> tuple[str, str | None, int]:
    row = (await fetch("SELECT state, reason, tries FROM message WHERE channel = 'sms'"))[0]
    return row["state"], row["reason"], row["tries"]


async def test_an_sms_whose_worker_died_is_told_of(ground: Ground) -> None:
    await claimed_sms(ground)
    await fetch("UPDATE message SET gateway = 'smsaero' WHERE channel = 'sms'")
    ground.clock.forward(minutes=5)
    await ground.relay._recover()
    assert await fate_of_sms() == ("unknown", "worker_lost", 1)
    assert await fetch("SELECT 1 AS one FROM message WHERE dedupe_key LIKE 'notice/sms_unknown:%'")


async def test_an_sms_of_which_no_gateway_was_asked_is_not_forgotten(ground: Ground) -> None:
    await claimed_sms(ground)
    ground.clock.forward(minutes=5)
    await ground.relay._recover()
    assert await fate_of_sms() == ("queued", None, 0)


async def test_what_can_not_be_worded_stands_in_nobodys_way(ground: Ground) -> None:
    await fetch("UPDATE message SET template = 'notice/of_no_such_name'")
    for _ in range(2):
        await ground.try_it()
        assert await fate() == ("queued", None)
    await ground.try_it()
    assert await fate() == ("failed", "not_worded")
    await claimed_sms(ground, "sms/of_no_such_name", "registration")
    await fetch("UPDATE message SET state = 'unknown' WHERE channel = 'sms'")
    ground.clock.forward(minutes=1)
    await ground.relay._sms.ask_for_lost()
    assert await fate_of_sms() == ("failed", "not_worded", 1)


async def test_what_the_database_would_not_let_word_was_never_tried(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(message: claims.Claimed) -> None:
        raise StoreUnavailable("the server is away")

    for _ in range(3):
        with monkeypatch.context() as patched:
            patched.setattr(ground.lane._screens, "screen", away)
            await ground.try_it()
        assert await fate() == ("queued", None)
    await ground.try_it()
    assert (await fate())[0] == "sent"
    assert ground.sends() == 1
