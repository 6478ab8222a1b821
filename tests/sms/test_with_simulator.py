"""The adapter and the simulator's gateway, which know nothing of each other, understand each other."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from core.ports import Delivery, SmsOutcome, SmsResult, SystemClock
from simulator import Fault, Simulator
from sms.smsaero import SmsAeroGateway
from tests.sms.gate import EMAIL, KEY, PHONE, TEXT

SENT, NOT_SENT = SmsOutcome.SENT, SmsOutcome.NOT_SENT
REFUSED, UNKNOWN = SmsOutcome.REFUSED, SmsOutcome.UNKNOWN


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator([], sms_account=(EMAIL, KEY)) as started:
        yield started


@pytest.fixture
def kind() -> str:
    """The fault to come; only those that hang need a short wait."""
    return "none"


@pytest.fixture
async def gateway(simulator: Simulator, kind: str) -> AsyncIterator[SmsAeroGateway]:
    address = simulator.url.replace("http://", "@")
    timeout_s = 1.5 if kind.startswith("hang") else 60
    made = SmsAeroGateway(EMAIL, KEY, gate=address, scheme="http", timeout_s=timeout_s)
    yield made
    await made.close()


async def test_sends_and_is_charged_by_the_part(simulator: Simulator, gateway: SmsAeroGateway) -> None:
    before = await gateway.balance()
    result = await gateway.send(PHONE, TEXT * 5)
    assert (result.outcome, result.cost) == (SENT, 2 * 549)
    assert result.provider_id is not None
    assert await gateway.balance() == before - 2 * 549
    assert (await gateway.status(result.provider_id)).delivery in (Delivery.PENDING, Delivery.DELIVERED)
    assert [sms.text for sms in simulator.world.sms_box.inbox(PHONE)] == [TEXT * 5]


@pytest.mark.parametrize(
    ("kind", "outcome", "reason", "arrived", "found"),
    [
        ("no_money", REFUSED, "no_money", 0, NOT_SENT),
        ("reject", REFUSED, "refused", 0, NOT_SENT),
        ("401", REFUSED, "auth", 0, NOT_SENT),
        ("429", NOT_SENT, "busy", 0, NOT_SENT),
        ("500", UNKNOWN, "garbage", 0, NOT_SENT),
        ("502_page", UNKNOWN, "garbage", 0, NOT_SENT),
        ("garbage", UNKNOWN, "garbage", 0, NOT_SENT),
        ("reset_before", UNKNOWN, "lost", 0, NOT_SENT),
        ("hang", UNKNOWN, "timeout", 0, NOT_SENT),
        ("reset_after", UNKNOWN, "lost", 1, SENT),
        ("hang_after", UNKNOWN, "timeout", 1, SENT),
        ("garbage_after", UNKNOWN, "garbage", 1, SENT),
    ],
)
async def test_faults_and_the_question_after_them(
    simulator: Simulator,
    gateway: SmsAeroGateway,
    kind: str,
    outcome: SmsOutcome,
    reason: str,
    arrived: int,
    found: SmsOutcome,
) -> None:
    since = SystemClock().now()
    fault = simulator.world.faults.add(Fault(where="sms", method="sms/send", kind=kind))
    assert await gateway.send(PHONE, TEXT) == SmsResult(outcome, reason=reason)
    assert fault.struck == 1
    assert len(simulator.world.sms_box.inbox(PHONE)) == arrived
    assert (await gateway.find(PHONE, TEXT, since)).outcome is found


async def test_finds_one_message_among_pages_of_others(simulator: Simulator, gateway: SmsAeroGateway) -> None:
    since = SystemClock().now() - timedelta(seconds=1)
    box = simulator.world.sms_box
    wanted = box.send(PHONE, TEXT, "SMS Aero")
    for number in range(120):
        box.send(PHONE, f"Another text {number}", "SMS Aero")
    assert await gateway.find(PHONE, TEXT, since) == SmsResult(SENT, str(wanted.id), 549)
    assert (await gateway.find(PHONE, "No such text", since)).outcome is NOT_SENT
