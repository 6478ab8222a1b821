"""One bot, several processes: a worker that sends the outbox and a web process that answers keep one pace."""

import asyncio
import time
from pathlib import Path

import pytest

from bot import pacing
from bot.pacing import BURST, EVERY_MS, PaceOverAll
from bot.relay import Relay
from bot.telegram import Pace, build_bot
from core.services import Services
from core.store import outbox
from core.store import pace as turns
from handlers.rendering import Renderer
from simulator import Person
from tests.bots.world import CUSTOMER_BOT, simulated, simulated_sms
from tests.conftest import ManualClock

TEMPLATES = Path(__file__).parents[2] / "templates"
TOLD = [Person(number, f"Гость {number}") for number in range(1001, 1026)]
ANSWERED = [Person(number, f"Гость {number}") for number in range(2001, 2026)]
REGULAR = TOLD[0]
"""Somebody to whom the outbox has several things to say while they are answered."""


async def _queue(person: Person, number: int, clock: ManualClock) -> None:
    draft = outbox.Draft(
        topic="sms", channel="telegram", bot="customer", chat_id=person.id, template="notice/sms_unknown",
        language="ru", dedupe_key=f"{person.id}:{number}", priority=0,
        data={"purpose": "verify", "phone": "79000000001"},
    )  # fmt: skip
    await outbox.enqueue([draft], clock.now())


async def _run(clock: ManualClock) -> None:
    """What was put back for its chat's sake comes up again."""
    while True:
        await asyncio.sleep(0.05)
        clock.forward(seconds=0.05)


@pytest.mark.parametrize("database_kind", ["postgres"])
async def test_a_worker_and_a_web_process_share_one_pace(
    core: Services, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "ANSWER_S", 120.0)  # a machine that stood still has no silent database
    for number in range(3):
        await _queue(REGULAR, number, clock)
    for person in TOLD[1:]:
        await _queue(person, 0, clock)
    async with simulated((*TOLD, *ANSWERED)) as simulator:
        bots = []
        for _ in range(2):
            pace = Pace()
            pace.share(PaceOverAll("customer"))
            bots.append(build_bot(CUSTOMER_BOT.token, api_url=simulator.url, pace=pace, request_s=60, total_s=120))
        for person in (*TOLD, *ANSWERED):
            simulator.world.acquaint(person, CUSTOMER_BOT)
        worker, web = bots
        sms = simulated_sms(simulator)
        relay = Relay(core, Renderer(TEMPLATES, clock=clock), {"customer": worker}, sms, idle_s=0.02)
        before, began = len(simulator.world.journal.calls("sendMessage")), time.monotonic()
        sending, time_goes_by = asyncio.create_task(relay.run()), asyncio.create_task(_run(clock))
        answered = [*ANSWERED, REGULAR, REGULAR]
        await asyncio.gather(*(web.send_message(person.id, "Баланс: 300 баллов") for person in answered))
        wanted = before + len(TOLD) + 2 + len(answered)
        await simulator.world.wait_for(
            lambda: len(simulator.world.journal.calls("sendMessage")) >= wanted, timeout=60
        )
        await relay.stop()
        await sending
        time_goes_by.cancel()
        for bot in bots:
            await bot.session.close()
        await sms.close()
        calls = simulator.world.journal.calls("sendMessage")[before:]
    assert len(calls) == wanted - before, "each was sent once"
    # No machine is too slow for this: a turn may be taken late, never early. The clocks may differ by a little.
    for number, at in enumerate(sorted(call.at for call in calls)):
        assert at - began >= (number + 1 - BURST) * EVERY_MS / 1000 - 0.1
    regular = sorted(call.at for call in calls if int(call.params["chat_id"]) == REGULAR.id)
    assert len(regular) == 5, "from both processes"
    for number, at in enumerate(regular):
        assert at - began >= number - 0.1


async def test_a_silent_database_holds_up_no_apology(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelling a statement on a silent network takes as long as a statement may."""
    over, asked = asyncio.Event(), 0

    async def silent(*_: object, **__: object) -> None:
        nonlocal asked
        asked += 1
        try:
            await over.wait()
        finally:
            await over.wait()

    monkeypatch.setattr(turns, "take_turn", silent)
    monkeypatch.setattr(pacing, "ANSWER_S", 0.01)
    shared = PaceOverAll("customer")
    async with asyncio.timeout(60):
        assert [await shared.turn(10.0, 1), await shared.turn(10.0)] == [(0.0, True)] * 2
        assert asked == 1, "one that was silent just now is not asked at once"
        monkeypatch.setattr(pacing, "SILENCE_S", 0.0)
        shared = PaceOverAll("customer")
        assert [await shared.turn(10.0, 1), await shared.turn(10.0)] == [(0.0, True)] * 2
        assert asked == 3
    over.set()
