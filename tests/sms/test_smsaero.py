"""SmsAeroGateway against a server on loopback: each misfortune has its outcome, none makes a second POST."""

import ssl
import traceback
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import smsaero
from pydantic import SecretStr

from core.ports import Delivery, SmsGateway, SmsOutcome, SmsResult, SmsStatus
from sms.smsaero import GatewayFault, SmsAeroGateway
from tests.sms import gate as g
from tests.sms.certificates import self_signed
from tests.sms.conftest import shows_a_secret
from tests.sms.gate import EMAIL, KEY, PHONE, TEXT, raw, says, serve

NOT_SENT, REFUSED, UNKNOWN = SmsOutcome.NOT_SENT, SmsOutcome.REFUSED, SmsOutcome.UNKNOWN
INVALID = {"success": False, "message": "Validation error."}


@asynccontextmanager
async def gateway(address: str, timeout_s: float = 60, scheme: str = "http") -> AsyncIterator[SmsAeroGateway]:
    made = SmsAeroGateway(EMAIL, SecretStr(KEY), gate=address, scheme=scheme, timeout_s=timeout_s)
    try:
        yield made
    finally:
        await made.close()


async def test_accepted() -> None:
    async with serve(g.works) as gate, gateway(gate.address) as sms:
        port: SmsGateway = sms
        assert await port.send(PHONE, TEXT) == SmsResult(SmsOutcome.SENT, "5000", 549)
        assert await port.send(PHONE, TEXT) == SmsResult(SmsOutcome.SENT, "5001", 549)
        path, query, body, headers = gate.requests[0]
    assert (path, query) == ("/v2/sms/send", "")
    assert body == {"number": int(PHONE), "text": TEXT, "sign": "SMS Aero", "callbackUrl": None}
    assert headers["Authorization"] == "Basic " + b64encode(f"{EMAIL}:{KEY}".encode()).decode()
    assert len(gate.messages) == 2
    # A connection kept by us and closed by the gate would turn the next message's outcome into a riddle.
    assert [headers["Connection"] for *_, headers in gate.requests] == ["close", "close"]


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        (says(200, result="no credits"), REFUSED, "no_money"),
        (says(402, success=False, data=None, message="Payment required"), REFUSED, "no_money"),
        (says(400, success=False, data=None, message="Not enough money"), REFUSED, "no_money"),
        (says(400, data={"number": ["incorrect"]}, **INVALID), REFUSED, "bad_number"),
        (says(200, data={"number": ["incorrect"]}, **INVALID), REFUSED, "bad_number"),
        (says(400, data={"sign": ["incorrect"]}, **INVALID), REFUSED, "refused"),
        (says(200, result="reject", reason="spam"), REFUSED, "refused"),
        (
            says(401, success=False, message="Your request was made with invalid credentials."),
            REFUSED,
            "auth",
        ),
        (
            says(200, success=False, message="Your request was made with invalid credentials."),
            REFUSED,
            "auth",
        ),
        (raw(401, b"<h1>401</h1>"), REFUSED, "auth"),
        (says(403, success=False, message="Forbidden"), REFUSED, "auth"),
        (says(429, success=False, message="Too many requests"), NOT_SENT, "busy"),
        (raw(429, b"<h1>slow down</h1>"), NOT_SENT, "busy"),
        (raw(502, b"<html>Bad Gateway</html>"), UNKNOWN, "garbage"),
        (raw(404, b"<html>Not Found</html>"), UNKNOWN, "garbage"),
        (says(500, success=False, message="Internal Server Error"), UNKNOWN, "garbage"),
        (says(503, success=True, data={"id": 1}), UNKNOWN, "garbage"),
        (says(408, success=False, message="Timeout"), UNKNOWN, "garbage"),
        (raw(200, b'{"success": true, "da', "application/json"), UNKNOWN, "garbage"),
        (raw(200, b"[" * 100_000, "application/json"), UNKNOWN, "garbage"),
        (raw(200, b"\xff\xfe\x00", "application/json"), UNKNOWN, "garbage"),
        (raw(200, b"", "application/json"), UNKNOWN, "garbage"),
        (raw(200, b"null", "application/json"), UNKNOWN, "garbage"),
        (says(200), UNKNOWN, "garbage"),
        (says(200, success="yes", data={"id": 1}), UNKNOWN, "garbage"),
        (says(200, success=True, data=None), UNKNOWN, "garbage"),
        (says(200, success=True, data={"id": True}), UNKNOWN, "garbage"),
        (says(200, success=True, data={"text": TEXT}), UNKNOWN, "garbage"),
        (raw(307, b"", Location="/v2/sms/send"), UNKNOWN, "garbage"),
        (raw(302, b"", Location="/v2/sms/send"), UNKNOWN, "garbage"),
        (g.loses_the_answer, UNKNOWN, "lost"),
        (g.drops, UNKNOWN, "lost"),
        (g.breaks_off, UNKNOWN, "lost"),
        (g.floods, UNKNOWN, "garbage"),
    ],
)
async def test_outcome_of_one_request(answer: g.Answer, outcome: SmsOutcome, reason: str) -> None:
    async with serve(answer) as gate, gateway(gate.address) as sms:
        result = await sms.send(PHONE, TEXT)
        assert result == SmsResult(outcome, reason=reason)
        assert [path for path, *_ in gate.requests] == ["/v2/sms/send"]


@pytest.mark.parametrize("answer", [g.hangs, g.dribbles])
async def test_time_is_bounded(answer: g.Answer) -> None:
    async with serve(answer) as gate, gateway(gate.address, timeout_s=1.5) as sms:
        assert await sms.send(PHONE, TEXT) == SmsResult(UNKNOWN, reason="timeout")
        assert len(gate.requests) == 1


async def test_a_message_rejected_at_once_is_refused() -> None:
    record = {"id": 7, "status": 6, "extendStatus": "reject", "cost": "0.00"}
    async with serve(says(200, success=True, data=record)) as gate, gateway(gate.address) as sms:
        assert await sms.send(PHONE, TEXT) == SmsResult(REFUSED, "7", 0, "refused")


async def test_a_record_in_a_list_of_one_is_read() -> None:
    async with serve(says(200, success=True, data=[{"id": "7"}])) as gate, gateway(gate.address) as sms:
        assert await sms.send(PHONE, TEXT) == SmsResult(SmsOutcome.SENT, "7")


async def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serve(g.works) as other:
        monkeypatch.setattr(smsaero.SmsAero, "GATE_URLS", [other.address + "/v2/"] * 3)
        async with gateway(g.refusing_address()) as sms:
            assert await sms.send(PHONE, TEXT) == SmsResult(NOT_SENT, reason="unreachable")
        assert other.requests == []


async def test_reset_before_anything_was_read_is_not_taken_for_unsent() -> None:
    async with g.bare_server(None) as (address, seen), gateway(address) as sms:
        assert await sms.send(PHONE, TEXT) == SmsResult(UNKNOWN, reason="lost")
        assert len(seen) == 1


@pytest.mark.parametrize("reply", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 banana\r\n\r\n"])
async def test_what_does_not_speak_http(reply: bytes) -> None:
    async with g.bare_server(reply) as (address, seen), gateway(address) as sms:
        assert await sms.send(PHONE, TEXT) == SmsResult(UNKNOWN, reason="garbage")
        assert len(seen) == 1


async def test_no_fall_from_https_to_http() -> None:
    async with serve(g.works) as gate, gateway(gate.address, scheme="https") as sms:
        assert await sms.send(PHONE, TEXT) == SmsResult(NOT_SENT, reason="tls")
        assert gate.requests == []


async def test_an_untrusted_certificate_is_not_accepted(tmp_path: Path) -> None:
    async with (
        serve(g.works, self_signed(tmp_path)) as gate,
        gateway(gate.address, scheme="https") as sms,
    ):
        assert await sms.send(PHONE, TEXT) == SmsResult(NOT_SENT, reason="tls")
        assert gate.requests == []


async def test_over_https_with_a_trusted_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = self_signed(tmp_path)
    trusting = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusting)
    async with serve(g.works, server) as gate, gateway(gate.address, scheme="https") as sms:
        assert (await sms.send(PHONE, TEXT)).outcome is SmsOutcome.SENT


@pytest.mark.parametrize(
    "phone", ["", "+79160000001", "0079160000001", "123456", "7" * 16, "7916٠٠٠٠٠٠١", "7916 000001"]
)
async def test_a_phone_that_is_none_goes_nowhere(phone: str) -> None:
    async with serve(g.works) as gate, gateway(gate.address) as sms:
        assert await sms.send(phone, TEXT) == SmsResult(REFUSED, reason="bad_number")
        assert gate.requests == []


@pytest.mark.parametrize(("length", "sent"), [(1, False), (2, True), (640, True), (641, False)])
async def test_length_of_the_text(length: int, sent: bool) -> None:
    async with serve(g.works) as gate, gateway(gate.address) as sms:
        result = await sms.send(PHONE, "ж" * length)
        assert result.outcome is (SmsOutcome.SENT if sent else REFUSED)
        assert len(gate.requests) == int(sent)


async def test_balance_and_status() -> None:
    async with serve(g.works) as gate, gateway(gate.address) as sms:
        assert await sms.balance() == 33703
        await sms.send(PHONE, TEXT)
        for code, delivery in {
            0: "pending",
            1: "delivered",
            2: "failed",
            "3": "pending",
            6: "failed",
        }.items():
            gate.messages[0]["status"] = code
            said = await sms.status("5000")
            assert (said.delivery, said.cost) == (Delivery(delivery), 549)
            assert (said.reason is not None) == (said.delivery is Delivery.FAILED)
        gate.messages[0]["status"] = 77
        assert await sms.status("5000") == SmsStatus(Delivery.UNKNOWN)


async def test_faults_of_balance_and_status() -> None:
    async with serve(raw(502, b"oops")) as gate, gateway(gate.address) as sms:
        assert await sms.status("5000") == SmsStatus(Delivery.UNKNOWN)
        assert await sms.balance() is None
    async with serve(says(200, success=True, data={"balance": "lots"})) as gate, gateway(gate.address) as sms:
        assert await sms.balance() is None


async def test_the_sender_and_the_address_of_reports_go_along() -> None:
    url = "https://bots.example.com/sms/some-path"
    async with serve(g.works) as gate:
        sms = SmsAeroGateway(EMAIL, SecretStr(KEY), gate=gate.address, scheme="http", report_url=url)
        assert (await sms.send(PHONE, TEXT, sender="SHOP")).outcome is SmsOutcome.SENT
        await sms.close()
    body = gate.requests[0][2]
    assert (body["sign"], body["callbackUrl"]) == ("SHOP", url)


@pytest.mark.parametrize("answer", [g.drops, says(401, message=KEY), raw(200, TEXT.encode())])
async def test_an_error_leads_to_no_secret(answer: g.Answer) -> None:
    async with serve(answer) as gate, gateway(gate.address) as sms:
        with pytest.raises(GatewayFault) as caught:
            await sms._client.balance()
        shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
        assert caught.value.__context__ is None
        assert not shows_a_secret(shown + repr(sms) + repr(vars(sms)) + repr(vars(sms._client)))
