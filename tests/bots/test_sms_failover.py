"""The relay with two gateways: codes go by the second when the first surely has them not, and never by both."""

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from bot.relay.by_sms import ASK_AFTER, SmsLane
from bot.sms_tasks import SmsTasks
from core.domain.people import Role
from core.services import Services
from core.store import claims, outbox
from core.store.sql import fetch
from core.verification import Requester
from handlers.rendering import Renderer
from sms.failover import FAILURES, Failover
from sms.smsaero import SmsAeroGateway
from sms.smsru import SmsRuGateway
from tests.bots.world import TEMPLATES
from tests.conftest import ManualClock, hire
from tests.core.kit import fresh_key, one
from tests.sms import gate as aero
from tests.sms import smsru_stub as ru
from tests.sms.gate import EMAIL, KEY, PHONE, Gate
from tests.sms.smsru_stub import API_ID, SmsRuStub

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


class Ground:
    """Both servers, and the relay's lane to them."""

    def __init__(self, core: Services, first: Gate, second: SmsRuStub, seconds: float) -> None:
        self.core, self.first, self.second = core, first, second
        self.at = 0.0
        self.gateways = Failover(
            [
                ("smsaero", SmsAeroGateway(EMAIL, KEY, gate=first.address, scheme="http", timeout_s=seconds)),
                ("smsru", SmsRuGateway(API_ID, url=second.url, timeout_s=60)),
            ],
            lambda: self.at,
        )
        self.lane = SmsLane(core, Renderer(TEMPLATES, clock=core.deps.clock), self.gateways)
        self.tasks = SmsTasks(core, self.gateways)

    async def ask_for_code(self) -> dict[str, Any]:
        """A code is asked for and delivered as far as it goes; its row."""
        by = Requester("customer", 500, "ru")
        sent = await self.core.verification.request(
            purpose="register", subject=fresh_key("tg"), phone=PHONE, by=by, key=fresh_key(), merchant=""
        )
        return await self.deliver(f"code:{sent.code_id}")

    async def deliver(self, key: str) -> dict[str, Any]:
        now = self.core.deps.clock.now()
        for message in await claims.claim(
            "sms", None, worker="w/u", now=now, lease=timedelta(minutes=2), limit=10
        ):
            await self.lane.deliver(message)
        return (await fetch("SELECT * FROM message WHERE dedupe_key = $1", key))[0]

    @property
    def counts(self) -> tuple[int, int]:
        """What each server has really taken."""
        return len(self.first.messages), len(self.second.messages)


@pytest.fixture
def first_seconds() -> float:
    return 60.0


@pytest_asyncio.fixture
async def ground(core: Services, first_seconds: float) -> AsyncIterator[Ground]:
    async with aero.serve(aero.works) as first, ru.serve() as second:
        first.now = int(core.deps.clock.now().timestamp())
        made = Ground(core, first, second, first_seconds)
        yield made
        await made.gateways.close()


async def alerts() -> list[str]:
    rows = await fetch("SELECT kind FROM owner_alert WHERE ended_at IS NULL ORDER BY kind")
    return [row["kind"] for row in rows]


async def test_the_first_takes_what_it_can(ground: Ground) -> None:
    row = await ground.ask_for_code()
    assert (row["state"], row["gateway"], row["cost"], ground.counts) == ("sent", "smsaero", 549, (1, 0))


@pytest.mark.parametrize(
    "answer", [aero.says(402, result="no credits"), aero.says(429), aero.says(401), aero.says(400, success=False)]
)
async def test_a_code_that_the_first_refused_goes_by_the_second(ground: Ground, answer: aero.Answer) -> None:
    ground.first.answer = answer
    row = await ground.ask_for_code()
    assert (row["state"], row["gateway"], row["cost"], ground.counts) == ("sent", "smsru", 600, (0, 1))


@pytest.mark.parametrize("answer", [aero.drops, aero.says(500), aero.raw(502, b"<h1>"), aero.loses_the_answer])
async def test_what_may_have_gone_by_the_first_is_never_doubled(
    ground: Ground, clock: ManualClock, answer: aero.Answer
) -> None:
    ground.first.answer = answer
    row = await ground.ask_for_code()
    assert (row["state"], row["gateway"], row["cost"]) == ("unknown", "smsaero", 600)
    taken = ground.counts[0]
    assert ground.counts == (taken, 0)
    ground.first.answer = aero.works
    clock.forward(seconds=ASK_AFTER.total_seconds() + 1)
    await ground.lane.ask_for_lost()
    row = await ground.deliver(row["dedupe_key"])
    assert (row["state"], ground.counts) == ("sent", (1, 0))
    assert row["cost"] == 549  # booked once, at the gateway's own price
    assert await one("SELECT spent FROM sms_day") == 549


@pytest.mark.parametrize("first_seconds", [1.0])
async def test_a_first_that_hangs_is_left_alone_until_it_is_well(ground: Ground, clock: ManualClock) -> None:
    await hire(ground.core, 9100, Role.OWNER)
    ground.first.answer = aero.hangs
    for _ in range(FAILURES):
        assert (await ground.ask_for_code())["state"] == "unknown"
        clock.forward(minutes=3)
    assert await alerts() == ["gateway_down:smsaero"]
    asked = len(ground.first.requests)
    row = await ground.ask_for_code()
    assert (row["state"], row["gateway"], len(ground.first.requests)) == ("sent", "smsru", asked)
    campaign = outbox.Draft(
        topic="campaign", channel="sms", template="sms/code_register", language="ru", phone=PHONE,
        dedupe_key="campaign:1", priority=90, data={"code": 1234, "merchant": ""},
    )  # fmt: skip
    await outbox.enqueue([campaign], clock.now())
    waiting = await ground.deliver("campaign:1")
    assert (waiting["state"], waiting["reason"], waiting["tries"]) == ("queued", "gateway_rests", 0)
    ground.first.finished.set()
    ground.first.answer = aero.works
    ground.at += 31
    clock.forward(minutes=3)
    row = await ground.ask_for_code()  # no code tries whether the first is well again: its balance is asked for
    assert (row["state"], row["gateway"]) == ("sent", "smsru")
    clock.forward(minutes=3)
    row = await ground.ask_for_code()
    assert (row["state"], row["gateway"]) == ("sent", "smsaero")
    assert await alerts() == []
    assert (await ground.deliver("campaign:1"))["state"] == "sent"


async def test_a_gateway_is_called_up_only_after_it_took_something(ground: Ground, clock: ManualClock) -> None:
    await hire(ground.core, 9100, Role.OWNER)
    ground.first.answer = aero.says(500)
    for _ in range(FAILURES):
        await ground.ask_for_code()
        clock.forward(minutes=3)
    assert await alerts() == ["gateway_down:smsaero"]
    gateway = SmsAeroGateway(EMAIL, KEY, gate=ground.first.address, scheme="http", timeout_s=60)
    alone = Failover([("smsaero", gateway)])
    ground.lane = SmsLane(ground.core, Renderer(TEMPLATES, clock=clock), alone)
    await ground.ask_for_code()  # the program was begun anew, and the gateway is down still
    assert await alerts() == ["gateway_down:smsaero"]
    for _ in range(FAILURES):
        clock.forward(days=2)
        await ground.core.sms_statuses.note_balance("smsaero", 100_000)
        assert await alerts() == []
        await ground.ask_for_code()
    assert await alerts() == ["gateway_down:smsaero"]  # the balance said too much
    ground.first.answer = aero.works
    clock.forward(days=2)
    await ground.ask_for_code()
    assert await alerts() == []
    await alone.close()


async def test_who_took_it_is_asked_what_became_of_it(ground: Ground, clock: ManualClock) -> None:
    by_first = await ground.ask_for_code()
    clock.forward(minutes=2)
    ground.first.answer = aero.says(402, result="no credits")
    by_second = await ground.ask_for_code()
    ground.first.answer = aero.works
    ground.first.messages[0]["status"] = 1
    ground.second.messages[by_second["provider_id"]]["code"] = 107
    clock.forward(seconds=30)
    await ground.tasks.ask_statuses(clock.now())
    rows = {row["id"]: row for row in await fetch("SELECT * FROM message WHERE channel = 'sms'")}
    first, second = rows[by_first["id"]], rows[by_second["id"]]
    assert (first["state"], first["cost"]) == ("delivered", 549)
    assert (second["state"], second["reason"], second["cost"]) == ("failed", "undelivered", 230)
    assert await one("SELECT spent FROM sms_day") == 549 + 230
    told = await fetch("SELECT chat_id FROM message WHERE template = 'notice/sms_failed'")
    assert [row["chat_id"] for row in told] == [500]


async def test_balances_are_watched(ground: Ground, clock: ManualClock) -> None:
    await ground.core.programmes.change({"sms_low_balance": 1_000_00})
    await ground.tasks.ask_balances(clock.now())
    assert await alerts() == ["money_short:smsaero"]
    assert {(row.name, row.balance) for row in await ground.core.sms_statuses.gateways()} == {
        ("smsaero", 337_03),
        ("smsru", 4_122_56),
    }


async def test_what_the_budget_does_not_allow_is_told_to_who_waits(ground: Ground) -> None:
    await ground.core.programmes.change({"sms_daily_budget": 0})
    row = await ground.ask_for_code()
    assert (row["state"], row["reason"], row["cost"], ground.counts) == ("suppressed", "budget", None, (0, 0))
    assert await one("SELECT count(*) AS n FROM message WHERE template = 'notice/sms_failed'") == 1


async def test_no_secret_is_logged(
    ground: Ground, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    ground.first.answer = aero.says(401, message=KEY)
    await ground.ask_for_code()
    text = ground.second.messages[next(iter(ground.second.messages))]["msg"]
    # What the databases' drivers say at DEBUG is switched off by bot.logs.
    said = [
        each.getMessage() for each in caplog.records if each.name.split(".")[0] not in ("tortoise", "aiosqlite")
    ]
    shown = "\n".join(said) + "".join(capsys.readouterr())
    assert "sms_gateway_down" in shown
    for secret in (KEY, API_ID, PHONE, text):
        assert secret not in shown


async def test_one_that_waited_for_its_time_is_asked_for_as_well(ground: Ground, clock: ManualClock) -> None:
    reminder = outbox.Draft(
        topic="campaign", channel="sms", template="sms/code_register", language="ru", phone=PHONE,
        dedupe_key="campaign:1", priority=90, data={"code": 1234, "merchant": ""},
        not_before=clock.now() + timedelta(hours=12),
    )  # fmt: skip
    await outbox.enqueue([reminder], clock.now())
    clock.forward(hours=12)
    ground.first.answer = aero.loses_the_answer
    assert (await ground.deliver("campaign:1"))["state"] == "unknown"
    ground.first.answer = aero.works
    clock.forward(seconds=ASK_AFTER.total_seconds() + 1)
    await ground.lane.ask_for_lost()
    assert await one("SELECT state FROM message WHERE dedupe_key = 'campaign:1'") == "sent"
    assert ground.counts == (1, 0)
