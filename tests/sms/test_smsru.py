"""SmsRuGateway against a server on loopback: each misfortune has its outcome, and the key is in the body only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from core.ports import Delivery, SmsGateway, SmsOutcome, SmsResult, SmsStatus, SystemClock
from sms.smsru import SmsRuGateway
from tests.sms import smsru_stub as stub
from tests.sms.conftest import shows_a_secret
from tests.sms.gate import PHONE, TEXT, refusing_address
from tests.sms.smsru_stub import API_ID, answers, of_one, serve

SENT, NOT_SENT = SmsOutcome.SENT, SmsOutcome.NOT_SENT
REFUSED, UNKNOWN = SmsOutcome.REFUSED, SmsOutcome.UNKNOWN


@asynccontextmanager
async def gateway(url: str, timeout_s: float = 60, api_id: str = API_ID) -> AsyncIterator[SmsRuGateway]:
    made = SmsRuGateway(api_id, sender="SHOP", url=url, timeout_s=timeout_s)
    try:
        yield made
    finally:
        await made.close()


async def test_sends_asks_and_is_never_loose_with_its_key() -> None:
    async with serve() as server, gateway(server.url) as sms:
        port: SmsGateway = sms
        sent = await port.send(PHONE, TEXT)
        assert sent == SmsResult(SENT, "202610-1000")
        assert await port.status("202610-1000") == SmsStatus(Delivery.PENDING, cost=230)
        assert await port.balance() == 412256
        assert (await port.find(PHONE, TEXT, SystemClock().now())).outcome is UNKNOWN
        assert not shows_a_secret(repr(sms) + repr(vars(sms)))
    assert [path for path, _ in server.requests] == ["/sms/send", "/sms/status", "/my/balance"]
    assert all(form["api_id"] == API_ID and form["json"] == "1" for _, form in server.requests)
    assert server.messages["202610-1000"] == {"to": PHONE, "msg": TEXT, "from": "SHOP", "code": 100}


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        (answers(status="ERROR", status_code=200, status_text=API_ID), REFUSED, "auth"),
        (answers(status="ERROR", status_code=201), REFUSED, "no_money"),
        (of_one(status="ERROR", status_code=201), REFUSED, "no_money"),
        (of_one(status="ERROR", status_code=207, status_text="..."), REFUSED, "bad_number"),
        (of_one(status="ERROR", status_code=204), REFUSED, "refused"),
        (of_one(status="ERROR", status_code=230), REFUSED, "refused"),
        (answers(status="ERROR", status_code=220), NOT_SENT, "busy"),
        (of_one(status="ERROR", status_code=220), NOT_SENT, "busy"),
        (answers(429, b"slow down"), NOT_SENT, "busy"),
        (answers(500, status="ERROR", status_code=200), UNKNOWN, "garbage"),
        (answers(status="ERROR", status_code=500), UNKNOWN, "garbage"),
        (answers(502, b"<h1>Bad Gateway</h1>"), UNKNOWN, "garbage"),
        (answers(200, b'{"status": "O'), UNKNOWN, "garbage"),
        (answers(200, b"100\n202610-1000"), UNKNOWN, "garbage"),
        (answers(status="OK", status_code=100), UNKNOWN, "garbage"),
        (answers(status="OK", status_code=100, sms={"79990000000": {"status_code": 100}}), UNKNOWN, "garbage"),
        (of_one(status="OK", status_code=100), UNKNOWN, "garbage"),
        (of_one(status="OK", status_code="100", sms_id="1"), UNKNOWN, "garbage"),
        (of_one(status="OK", status_code=100, sms_id="1; DROP"), UNKNOWN, "garbage"),
        (stub.drops, UNKNOWN, "lost"),
        (stub.drops_after, UNKNOWN, "lost"),
    ],
)
async def test_outcome_of_one_request(answer: stub.Answer, outcome: SmsOutcome, reason: str) -> None:
    async with serve(answer) as server, gateway(server.url) as sms:
        assert await sms.send(PHONE, TEXT) == SmsResult(outcome, reason=reason)
        assert len(server.requests) == 1


async def test_time_is_bounded() -> None:
    async with serve(stub.hangs) as server, gateway(server.url, timeout_s=1.5) as sms:
        assert await sms.send(PHONE, TEXT) == SmsResult(UNKNOWN, reason="timeout")


async def test_nobody_listens() -> None:
    async with gateway(f"http://{refusing_address().removeprefix('@')}") as sms:
        assert await sms.send(PHONE, TEXT) == SmsResult(NOT_SENT, reason="unreachable")
        assert await sms.balance() is None
        assert await sms.status("1") == SmsStatus(Delivery.UNKNOWN)


async def test_a_foreign_key_is_refused() -> None:
    async with serve() as server, gateway(server.url, api_id="another") as sms:
        assert await sms.send(PHONE, TEXT) == SmsResult(REFUSED, reason="auth")
        assert await sms.balance() is None


@pytest.mark.parametrize(
    ("code", "delivery", "reason"),
    [
        (100, Delivery.PENDING, None),
        (101, Delivery.PENDING, None),
        (102, Delivery.PENDING, None),
        (103, Delivery.DELIVERED, None),
        (104, Delivery.FAILED, "expired"),
        (107, Delivery.FAILED, "undelivered"),
        (108, Delivery.FAILED, "rejected"),
    ],
)
async def test_every_status_has_its_meaning(code: int, delivery: Delivery, reason: str | None) -> None:
    async with serve() as server, gateway(server.url) as sms:
        await sms.send(PHONE, TEXT)
        server.messages["202610-1000"]["code"] = code
        assert await sms.status("202610-1000") == SmsStatus(delivery, reason, 230)
        assert await sms.status("202610-7") == SmsStatus(Delivery.UNKNOWN)


@pytest.mark.parametrize(
    "url", ["http://sms.example.com", "https://key@sms.ru", "ftp://sms.ru", "sms.ru", "https://"]
)
def test_addresses_that_will_not_do(url: str) -> None:
    with pytest.raises(ValueError, match=r"SMS\.ru is written|http is allowed"):
        SmsRuGateway(API_ID, url=url)


@pytest.mark.parametrize("phone", ["+79160000001", "0916", "", "7916000000a"])
async def test_a_bad_number_is_not_asked_about(phone: str) -> None:
    async with serve() as server, gateway(server.url) as sms:
        assert await sms.send(phone, TEXT) == SmsResult(REFUSED, reason="bad_number")
        assert server.requests == []
