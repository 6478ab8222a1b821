"""Two gateways as one: what surely did not go by the first goes by the second, and nothing goes by both."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.ports import Delivery, SmsOutcome, SmsResult, SmsStatus
from sms.failover import FAILURES, REST_S, Failover, as_failover
from tests.sms.gate import PHONE, TEXT

SENT = SmsResult(SmsOutcome.SENT, "1")
DOWN = SmsResult(SmsOutcome.NOT_SENT, reason="unreachable")
BUSY = SmsResult(SmsOutcome.NOT_SENT, reason="busy")
LOST = SmsResult(SmsOutcome.UNKNOWN, reason="timeout")
POOR = SmsResult(SmsOutcome.REFUSED, reason="no_money")
BAD = SmsResult(SmsOutcome.REFUSED, reason="bad_number")
AT = datetime(2026, 3, 2, tzinfo=UTC)


class Double:
    """A gateway that answers as it is told, and remembers what it was asked."""

    def __init__(self, *answers: SmsResult, found: SmsResult = DOWN) -> None:
        self.answers = list(answers)
        self.found = found
        self.sent: list[str | None] = []
        self.money: int | None = 100

    async def send(self, phone: str, text: str, *, sender: str | None = None) -> SmsResult:
        self.sent.append(sender)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def find(self, phone: str, text: str, since: datetime) -> SmsResult:
        return self.found

    async def status(self, provider_id: str) -> SmsStatus:
        return SmsStatus(Delivery.DELIVERED, cost=len(self.sent))

    async def balance(self) -> int | None:
        return self.money

    async def close(self) -> None:
        self.sent.append("closed")


class Pair:
    """A failover of two doubles on a clock of its own."""

    def __init__(self, first: Double, second: Double) -> None:
        self.at = 0.0
        self.first, self.second = first, second
        self.both = Failover([("one", first), ("two", second)], lambda: self.at)

    @property
    def counts(self) -> tuple[int, int]:
        return len(self.first.sent), len(self.second.sent)


@pytest.mark.parametrize("first", [DOWN, BUSY, POOR, SmsResult(SmsOutcome.REFUSED, reason="refused")])
async def test_what_surely_did_not_go_goes_by_the_second(first: SmsResult) -> None:
    pair = Pair(Double(first), Double(SENT))
    assert await pair.both.send(PHONE, TEXT, sender="SHOP") == SENT
    assert pair.counts == (1, 1)
    assert (pair.first.sent, pair.second.sent) == (["SHOP"], [None])


@pytest.mark.parametrize("first", [LOST, SENT, BAD])
async def test_what_may_have_gone_or_goes_nowhere_stays_with_the_first(first: SmsResult) -> None:
    pair = Pair(Double(first), Double(SENT))
    assert await pair.both.send(PHONE, TEXT) == first
    assert pair.counts == (1, 0)


async def test_a_breaker_opens_rests_and_lets_one_try() -> None:
    pair = Pair(Double(*[LOST] * FAILURES, LOST, SENT), Double(SENT))
    for _ in range(FAILURES):
        assert await pair.both.send(PHONE, TEXT) == LOST
    assert pair.both.is_open("one")
    assert pair.both.reason("one") == "timeout"
    assert pair.both.ways(urgent=True) == ("two",)
    assert pair.both.ways(urgent=False) == ()
    assert await pair.both.send(PHONE, TEXT) == SENT
    assert pair.counts == (FAILURES, 1)
    pair.at += REST_S
    await pair.both.look_again()
    assert pair.both.ways(urgent=True) == ("one", "two")
    assert await pair.both.send(PHONE, TEXT) == LOST  # the one that tried: it rests again
    assert pair.both.ways(urgent=True) == ("two",)
    pair.at += REST_S
    await pair.both.look_again()
    assert await pair.both.send(PHONE, TEXT) == SENT
    assert not pair.both.is_open("one")
    assert pair.counts == (FAILURES + 2, 1)


async def test_none_is_lost_in_a_first_that_does_not_even_answer() -> None:
    pair = Pair(Double(*[LOST] * FAILURES, SENT), Double(SENT))
    pair.first.money = None
    for _ in range(FAILURES):
        await pair.both.send(PHONE, TEXT)
    for _ in range(3):  # a code now and then: each finds the first rested
        pair.at += REST_S
        await pair.both.look_again()
        assert await pair.both.send(PHONE, TEXT) == SENT
        pair.at += 10 * REST_S
        assert await pair.both.send(PHONE, TEXT) == SENT
    assert pair.counts == (FAILURES, 6)
    pair.first.money = 100
    await pair.both.look_again()
    assert await pair.both.send(PHONE, TEXT) == SENT
    assert pair.counts == (FAILURES + 1, 6)


async def test_a_first_that_has_rested_is_tried_where_the_second_is_down() -> None:
    pair = Pair(Double(*[LOST] * FAILURES, SENT), Double(DOWN))
    for _ in range(FAILURES):
        await pair.both.send(PHONE, TEXT)
    pair.at += REST_S
    assert await pair.both.send(PHONE, TEXT) == SENT
    assert pair.counts == (FAILURES + 1, 1)


async def test_while_one_tries_the_others_go_round() -> None:
    ways: list[Any] = []
    pair = Pair(Double(*[DOWN] * FAILURES, SENT), Double(SENT))
    for _ in range(FAILURES):
        await pair.both.send_by("one", PHONE, TEXT)
    pair.at += REST_S
    answer = pair.first.send

    async def looks(*args: Any, **options: Any) -> SmsResult:
        ways.append(pair.both.ways(urgent=True))
        return await answer(*args, **options)

    pair.first.send = looks  # type: ignore[method-assign]
    await pair.both.send_by("one", PHONE, TEXT)
    assert ways == [("two",)]
    assert pair.both.ways(urgent=True) == ("one", "two")


async def test_no_money_opens_at_once_and_a_bad_number_never() -> None:
    pair = Pair(Double(POOR), Double(SENT))
    await pair.both.send(PHONE, TEXT)
    assert pair.both.is_open("one")
    good = Pair(Double(BAD), Double(SENT))
    for _ in range(5):
        await good.both.send(PHONE, TEXT)
    assert not good.both.is_open("one")


async def test_when_all_are_down_the_preferred_one_is_still_asked() -> None:
    pair = Pair(Double(POOR), Double(POOR))
    await pair.both.send(PHONE, TEXT)
    assert pair.both.ways(urgent=True) == ("one",)


async def test_who_took_it_is_asked_and_a_lost_one_of_all() -> None:
    pair = Pair(Double(SENT, found=DOWN), Double(SENT, found=SmsResult(SmsOutcome.SENT, "9")))
    await pair.both.send(PHONE, TEXT)
    assert (await pair.both.status("1", name="one")).cost == 1
    assert (await pair.both.status("1", name="two")).cost == 0
    assert (await pair.both.status("1", name="gone")).delivery is Delivery.UNKNOWN
    assert (await pair.both.find(PHONE, TEXT, AT, name="one")).outcome is SmsOutcome.NOT_SENT
    assert (await pair.both.find(PHONE, TEXT, AT)).provider_id == "9"
    assert (await pair.both.find(PHONE, TEXT, AT, name="gone")).outcome is SmsOutcome.UNKNOWN
    pair.second.found = LOST
    assert (await pair.both.find(PHONE, TEXT, AT)).outcome is SmsOutcome.UNKNOWN
    pair.second.found = DOWN
    assert (await pair.both.find(PHONE, TEXT, AT)).outcome is SmsOutcome.NOT_SENT


async def test_any_gateway_can_be_taken_for_one() -> None:
    single = Double(SENT)
    made = as_failover(single)
    assert await made.send(PHONE, TEXT) == SENT
    assert as_failover(made) is made
    assert await made.balance() == 100
    await made.close()
    assert single.sent[-1] == "closed"
    with pytest.raises(ValueError, match="different names"):
        Failover([("one", single), ("one", single)])
