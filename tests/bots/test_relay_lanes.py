"""The relay's lanes: codes overtake campaigns, what may go once goes once, and what is asked before sending."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.relay import loop
from bot.relay.lane import admitted
from bot.relay.loop import Relay
from bot.telegram import Pace, build_bot
from core.domain.people import Role
from core.services import Services
from core.store import claims, consents, identities, outbox, outcomes, updates
from core.store.sql import fetch
from core.telling import fall_back
from handlers.rendering import Renderer
from simulator import Fault, Simulator
from tests.bots.world import ANNA, BORIS, CUSTOMER_BOT, simulated, simulated_sms
from tests.campaigns.kit import drafted
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import one

TEMPLATES = Path(__file__).parents[2] / "templates"
OFFER = {"points": 0, "text": "Ждём", "until_at": None, "time_zone": "Europe/Moscow", "merchant": "", "name": ""}
SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"])
"""What both databases do alike."""


@dataclass
class Ground:
    """A customer who agreed to everything, and a relay that isn't running."""

    core: Services
    simulator: Simulator
    relay: Relay
    clock: ManualClock
    anna: int

    async def queue(self, key: str, topic: str = "win_back", priority: int = 50, **more: Any) -> None:
        values: dict[str, Any] = {"bot": "customer", "chat_id": ANNA.id, "customer_id": self.anna} | more
        draft = outbox.Draft(
            topic=topic, channel="telegram", template="notice/win_back", language="ru", dedupe_key=key,
            priority=priority, data=OFFER, **values,
        )  # fmt: skip
        await outbox.enqueue([draft], self.clock.now())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The relay at work, cut off in the end as by a kill."""
        task = asyncio.create_task(self.relay.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def texts(self) -> int:
        return len(self.simulator.world.from_bot(ANNA.id, CUSTOMER_BOT.id))

    def sends(self) -> int:
        return len(self.simulator.world.journal.calls("sendMessage"))


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await holds():
            await asyncio.sleep(0.02)


async def state(key: str) -> tuple[str, str | None]:
    row = (await fetch("SELECT state, reason FROM message WHERE dedupe_key = $1", key))[0]
    return row["state"], row["reason"]


@pytest_asyncio.fixture
async def ground(core: Services, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ground]:
    monkeypatch.setattr("bot.relay.last_tries.QUIET_S", 0.0)
    await core.programmes.change({"marketing_cap": 100})
    anna = await enrol(core, ANNA.id)
    async with simulated() as simulator:
        for person in (ANNA, BORIS):
            simulator.world.open_chat(simulator.world.bot(CUSTOMER_BOT), person)
        pace = Pace(per_second=2000, burst=1000, chat_burst=1000, chat_period_s=0.001)
        bot = build_bot(CUSTOMER_BOT.token, api_url=simulator.url, pace=pace, request_s=60)
        sms = simulated_sms(simulator)
        relay = Relay(
            core, Renderer(TEMPLATES, clock=clock), {"customer": bot}, sms,
            idle_s=0.02, tidy_s=0.1, bulk_per_second=1000,
        )  # fmt: skip
        yield Ground(core, simulator, relay, clock, anna)
        await bot.session.close()
        await sms.close()


@SQLITE
async def test_what_is_urgent_does_not_stand_behind_a_campaign_that_hangs(ground: Ground) -> None:
    """The far side keeps silent on everything of the campaign, so its lane is full for good."""
    for number in range(60):
        await ground.queue(f"bulk:{number}", "campaign", 90)
    silence = ground.simulator.world.faults.add(Fault(method="sendMessage", kind="hang", times=12))

    async def lane_is_full() -> bool:
        return silence.struck == 12

    async with ground.running():
        await until(lane_is_full)
        await ground.queue("urgent", "reply", 10)
        await until(lambda: _is("urgent", "sent"))
        assert await one("SELECT count(*) FROM message WHERE state = 'sent'") == 1
        assert await one("SELECT count(*) FROM message WHERE state = 'sending'") == 12, "no more than it may hold"


@SQLITE
async def test_who_stands_by_takes_over_when_the_lease_ends(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "STAND_BY_S", 0.01)
    ground.relay._tidy_s = 3600.0
    assert await updates.take_lease("relay", "another-machine:1:abcd", ground.clock.now(), loop.LEASE)
    await ground.queue("waits", "reply", 10)
    async with ground.running():
        ground.clock.forward(seconds=loop.LEASE.total_seconds() - 1)
        await asyncio.sleep(0.2)
        assert ground.sends() == 0
        ground.clock.forward(seconds=1)
        await until(lambda: _is("waits", "sent"))


async def _is(key: str, wanted: str) -> bool:
    return (await state(key))[0] == wanted


@SQLITE
@pytest.mark.parametrize(
    ("kind", "arrives"),
    [("502_page", 0), ("500", 0), ("reset_before", 0), ("reset_after", 1), ("garbage_after", 1)],
)
async def test_an_offer_of_unknown_fate_is_never_sent_again(ground: Ground, kind: str, arrives: int) -> None:
    await ground.queue("offer")
    ground.simulator.world.faults.add(Fault(method="sendMessage", kind=kind, times=1))
    async with ground.running():
        await until(lambda: _is("offer", "unknown"))
        await ground.queue("next", "reply", 10)
        await until(lambda: _is("next", "sent"))
    assert await state("offer") == ("unknown", "no_answer")
    assert ground.texts() == 1 + arrives
    assert ground.sends() == 2


@SQLITE
async def test_an_offer_that_was_surely_not_sent_is_sent_once(ground: Ground) -> None:
    await ground.queue("offer")
    ground.simulator.world.faults.add(Fault(method="sendMessage", kind="429", retry_after=1, times=1))
    async with ground.running():
        await until(lambda: _is("offer", "queued"))
        await until(lambda: _later(ground, "offer"))
    assert (ground.texts(), ground.sends()) == (1, 2)


async def _later(ground: Ground, key: str) -> bool:
    ground.clock.forward(seconds=1)
    return await _is(key, "sent")


async def test_a_killed_worker_leaves_offers_in_doubt_or_untried(ground: Ground) -> None:
    """One was with Telegram, another only claimed: the first is never sent again, the second is not forgotten."""
    await ground.queue("with telegram")
    await ground.queue("claimed")
    lease = timedelta(seconds=5)
    claimed = await claims.claim(
        "telegram", "customer", worker="dead", now=ground.clock.now(), lease=lease, limit=5, bulk=True
    )
    await outcomes.begin_try(next(each for each in claimed if each.dedupe_key == "with telegram"), claims.ONLY_TRY)
    ground.clock.forward(minutes=1)
    async with ground.running():
        await until(lambda: _is("claimed", "sent"))
        await until(lambda: _is("with telegram", "unknown"))
    assert (ground.texts(), ground.sends()) == (1, 1)


@SQLITE
async def test_whoever_blocked_the_bot_hears_by_sms(ground: Ground) -> None:
    await ground.queue("offer")
    ground.simulator.world.block(ANNA.id, CUSTOMER_BOT.id)
    async with ground.running():
        await until(lambda: _is("offer", "failed"))
        await until(lambda: _is("offer:sms", "sent"))
    assert await identities.chat_of(ground.anna) is None
    rows = await fetch("SELECT wanted, channel, template FROM message WHERE dedupe_key = 'offer:sms'")
    assert [tuple(row.values()) for row in rows] == [("telegram", "sms", "sms/win_back")]


@SQLITE
async def test_of_a_digest_to_a_blocked_bot_an_sms_says_the_first_that_may_go_by_sms(ground: Ground) -> None:
    no_sms = {"topic": "birthday", "on": True, "telegram": True, "sms": False}
    await ground.core.programmes.change({"topics": [no_sms]})
    at = {"first_at": "2026-03-09T09:00:00+00:00", "last_at": "2026-03-09T09:00:00+00:00"}
    said = {"points": 100_00, "time_zone": "Europe/Moscow", "merchant": ""} | at
    parts = [said | {"topic": topic} for topic in ("birthday", "expiry_soon", "activation")]
    draft = outbox.Draft(
        topic="digest", channel="telegram", template="notice/digest", language="ru", dedupe_key="digest",
        priority=50, data={"parts": parts}, bot="customer", chat_id=ANNA.id, customer_id=ground.anna,
    )  # fmt: skip
    await outbox.enqueue([draft], ground.clock.now())
    (message,) = await claimed(ground)
    assert await fall_back(message, ground.clock.now())
    rows = await fetch("SELECT topic, channel, template FROM message WHERE dedupe_key = 'digest:sms'")
    assert [tuple(row.values()) for row in rows] == [("expiry_soon", "sms", "sms/expiry_soon")]


async def claimed(ground: Ground) -> list[claims.Claimed]:
    lease = timedelta(minutes=5)
    return await claims.claim("telegram", "customer", worker="w", now=ground.clock.now(), lease=lease, limit=20)


async def test_what_changed_since_is_asked_before_sending(ground: Ground) -> None:
    now = ground.clock.now()
    await ground.queue("late", not_after=now + timedelta(minutes=1))
    await ground.queue("withdrawn")
    await ground.queue("off", "birthday")
    await ground.queue("fine", "expiry_soon")
    off = {"topic": "birthday", "on": False, "telegram": True, "sms": True}
    await ground.core.programmes.change({"topics": [off]})
    withdrawn = [("offers", "telegram", False)]
    await consents.add(ground.anna, withdrawn, version="1", source="bot", now=now)
    ground.clock.forward(minutes=2)
    assert [each.dedupe_key for each in await admitted(await claimed(ground), ground.clock)] == ["fine"]
    assert [await state(key) for key in ("late", "withdrawn", "off")] == [
        ("suppressed", "late"),
        ("suppressed", "consent"),
        ("suppressed", "off"),
    ]


@SQLITE
async def test_what_waits_goes_to_the_account_and_phone_that_are_theirs_by_then(ground: Ground) -> None:
    await ground.queue("offer")
    await ground.queue("receipt", "receipts", 10)
    sms = outbox.Draft(
        topic="birthday", channel="sms", template="sms/birthday", language="ru", dedupe_key="sms", priority=50,
        phone="79000000000", customer_id=ground.anna,
    )  # fmt: skip
    await outbox.enqueue([sms], ground.clock.now())
    await identities.link_customer(BORIS.id, ground.anna, "ru", ground.clock.now())
    going = await admitted(await claimed(ground), ground.clock)
    assert {each.dedupe_key: each.chat_id for each in going} == {"offer": BORIS.id, "receipt": BORIS.id}
    lease = timedelta(minutes=5)
    waiting = await claims.claim("sms", None, worker="w", now=ground.clock.now(), lease=lease, limit=5)
    assert await admitted(waiting, ground.clock) == []
    assert await state("sms") == ("suppressed", "gone")


@SQLITE
async def test_at_night_only_what_one_waits_for_goes(ground: Ground) -> None:
    await ground.queue("offer")
    await ground.queue("receipt", "receipts", 10)
    ground.clock.forward(hours=12)  # midnight in Moscow
    assert [each.dedupe_key for each in await admitted(await claimed(ground), ground.clock)] == ["receipt"]
    assert await state("offer") == ("queued", None)
    assert await one("SELECT tries FROM message WHERE dedupe_key = 'offer'") == 0
    ground.clock.forward(hours=8)
    assert await claimed(ground) == []
    ground.clock.forward(hours=1)
    assert [each.dedupe_key for each in await admitted(await claimed(ground), ground.clock)] == ["offer"]


@pytest.mark.parametrize(("press", "fate"), [("stop", ("suppressed", "stopped")), ("pause", ("queued", None))])
@pytest.mark.parametrize("channel", ["telegram", "sms"])
async def test_a_campaign_that_ends_while_a_letter_waits_for_its_turn_sends_it_not(
    ground: Ground, press: str, fate: tuple[str, str | None], channel: str
) -> None:
    """However long that takes: for a chat's second, a pause that Telegram wants, or another one's picture."""
    owner = await hire(ground.core, 7001, Role.OWNER)
    campaign = await drafted(ground.core, owner)
    await fetch("UPDATE campaign SET state = 'sending' WHERE id = $1", campaign)
    now = ground.clock.now()
    await consents.add(ground.anna, [("offers", "sms", True)], version="1", source="bot", now=now)
    by_sms = {"bot": None, "chat_id": None, "phone": "79000000001"} if channel == "sms" else {}
    draft = outbox.Draft(
        topic="campaign", channel=channel, template="campaign", language="ru", dedupe_key="letter", priority=90,
        data={"campaign_id": campaign}, campaign_id=campaign, customer_id=ground.anna,
        **({"bot": "customer", "chat_id": ANNA.id} | by_sms),
    )  # fmt: skip
    await outbox.enqueue([draft], now)
    phone = (await fetch("SELECT phone FROM customer WHERE id = $1", ground.anna))[0]["phone"]
    await fetch("UPDATE message SET phone = $1 WHERE phone IS NOT NULL", phone)
    bot, lane = (None, ground.relay._sms) if channel == "sms" else ("customer", ground.relay._telegram["customer"])

    async def waiting() -> list[claims.Claimed]:
        lease = timedelta(minutes=5)
        found = await claims.claim(channel, bot, worker="w", now=now, lease=lease, limit=5)
        return await admitted(found, ground.clock)

    (letter,) = await waiting()
    await getattr(ground.core.sendings, press)(owner, campaign)
    await lane.deliver(letter)
    assert (ground.sends(), ground.simulator.world.sms(phone)) == (0, [])
    assert await state("letter") == ("queued", None), "it waits for a worker's death"
    assert await waiting() == []
    assert await state("letter") == fate
    assert await one("SELECT count(*) FROM marketing_told") == (press == "pause"), "what reached nobody counts"


async def test_two_offers_at_once_do_not_both_pass_the_cap(ground: Ground) -> None:
    await ground.core.programmes.change({"marketing_cap": 1})
    await ground.queue("one")
    await ground.queue("two", "campaign", 90)
    both = await claimed(ground)
    passed = await asyncio.gather(*(admitted([each], ground.clock) for each in both))
    assert sorted(len(each) for each in passed) == [0, 1]
    assert await one("SELECT reason FROM message WHERE state = 'suppressed'") == "cap"
    (gone,) = [each for each in passed if each]
    assert await admitted(gone, ground.clock) == gone, "what was counted stays allowed"
    ground.clock.forward(days=8)
    await ground.queue("three")
    assert [each.dedupe_key for each in await admitted(await claimed(ground), ground.clock)] == ["three"]


@SQLITE
async def test_a_gateway_that_hangs_when_it_is_asked_keeps_nothing_else_waiting(ground: Ground) -> None:
    """The lease is kept meanwhile, and holds end: another relay would take what this one has in hand for lost."""
    hangs = asyncio.Event()

    async def ask() -> None:
        hangs.set()
        await asyncio.Event().wait()

    ground.relay._sms.ask_for_lost = ask  # type: ignore[method-assign]

    async def lease_is_kept() -> bool:
        return await one("SELECT count(*) FROM lease WHERE until > $1", ground.clock.now()) == 1

    async with ground.running():
        async with asyncio.timeout(60):
            await hangs.wait()
        ground.clock.forward(minutes=1)
        await until(lease_is_kept)


@SQLITE
async def test_a_hold_that_can_not_be_released_keeps_nothing_else_waiting(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = asyncio.Event()

    async def fails(*_: object) -> list[int]:
        failed.set()
        raise LookupError("a sale that is broken for good")

    monkeypatch.setattr("core.store.holds.overdue", fails)
    async with ground.running():
        async with asyncio.timeout(60):
            await failed.wait()
        assert ground.relay.may_claim, "all that waits would wait for one sale"
        await ground.queue("waits", "reply", 10)
        await until(lambda: _is("waits", "sent"))


@SQLITE
async def test_nothing_is_being_sent_once_the_relay_is_cut_off(ground: Ground) -> None:
    """What goes on would open the database anew after it was closed."""
    await ground.queue("offer")
    await ground.queue("reply", "reply", 10)
    silence = ground.simulator.world.faults.add(Fault(method="sendMessage", kind="hang"))

    async def both_hang() -> bool:
        return silence.struck == 2

    async with ground.running():
        await until(both_hang)
    left = [each for each in asyncio.all_tasks() if "Lane" in getattr(each.get_coro(), "__qualname__", "")]
    assert left == []
