"""Whether a message whose answer was lost is at the gateway."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from core.ports import SmsOutcome, SmsResult
from tests.sms import gate as g
from tests.sms.gate import PHONE, TEXT, Gate, ok, raw, says, serve
from tests.sms.test_smsaero import gateway

NOW = 1_780_000_000
SINCE = datetime.fromtimestamp(NOW, UTC)
SENT, NOT_SENT, UNKNOWN = SmsOutcome.SENT, SmsOutcome.NOT_SENT, SmsOutcome.UNKNOWN


def record(created: int = NOW, **changes: Any) -> dict[str, Any]:
    return {
        "id": 7,
        "number": PHONE,
        "text": TEXT,
        "status": 0,
        "cost": "5.49",
        "dateCreate": created,
    } | changes


def page(*records: dict[str, Any], next_page: bool = False) -> dict[str, Any]:
    links = {"next": "/v2/sms/list?page=2"} if next_page else {}
    return {str(i): r for i, r in enumerate(records)} | {"links": links, "totalCount": str(len(records))}


def pages(*contents: dict[str, Any]) -> g.Answer:
    async def answer(gate: Gate, request: web.Request) -> web.StreamResponse:
        return ok(contents[int(request.query.get("page", "1")) - 1])

    return answer


async def test_a_lost_answer_is_found_and_not_sent_again() -> None:
    async with serve(g.loses_the_answer) as gate, gateway(gate.address) as sms:
        assert (await sms.send(PHONE, TEXT)).outcome is UNKNOWN
        assert await sms.find(PHONE, TEXT, SINCE) == SmsResult(SENT, "5000", 549)
        assert [path for path, *_ in gate.requests] == ["/v2/sms/send", "/v2/sms/list"]
        assert gate.requests[1][2] == {"number": int(PHONE)}
        assert len(gate.messages) == 1


async def test_what_never_arrived_is_not_found() -> None:
    async with serve(g.works) as gate, gateway(gate.address) as sms:
        assert await sms.find(PHONE, TEXT, SINCE) == SmsResult(NOT_SENT)
        await sms.send(PHONE, "Another text")
        await sms.send("79160000002", TEXT)
        assert await sms.find(PHONE, TEXT, SINCE) == SmsResult(NOT_SENT)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (raw(502, b"<html>"), "garbage"),
        (says(401, success=False, message="no"), "auth"),
        (g.drops, "lost"),
        (g.hangs, "timeout"),
        (says(200, success=True, data=None), "garbage"),
        (says(200, success=True, data={}), "garbage"),
        (says(200, success=True, data={"totalCount": "3"}), "garbage"),
        (says(200, success=True, data=page(record(dateCreate="yesterday"))), "garbage"),
        (says(200, success=True, data=page(record(dateCreate=10**18))), "garbage"),
        (says(200, success=True, data={"0": "text", "totalCount": 1}), "garbage"),
    ],
)
async def test_a_gateway_that_can_not_be_asked(answer: g.Answer, reason: str) -> None:
    timeout_s = 1.5 if answer is g.hangs else 60
    async with serve(answer) as gate, gateway(gate.address, timeout_s) as sms:
        assert await sms.find(PHONE, TEXT, SINCE) == SmsResult(UNKNOWN, reason=reason)


async def test_unreachable_when_asked() -> None:
    async with gateway(g.refusing_address()) as sms:
        assert await sms.find(PHONE, TEXT, SINCE) == SmsResult(UNKNOWN, reason="unreachable")


@pytest.mark.parametrize(
    ("listed", "outcome"),
    [
        (record(NOW), SENT),
        (record(NOW + 300), SENT),
        (record(str(NOW)), SENT),  # type: ignore[arg-type]
        (record(NOW - 1), UNKNOWN),
        (record(NOW - 599), UNKNOWN),
        (record(NOW - 601), NOT_SENT),
        (record(number=int(PHONE)), SENT),
        (record(number="79160000002"), NOT_SENT),
        (record(text=TEXT + "!"), NOT_SENT),
        (record(text=f" {TEXT.replace(' ', '  ')}\r\n"), SENT),
    ],
)
async def test_by_phone_text_and_time(listed: dict[str, Any], outcome: SmsOutcome) -> None:
    since = SINCE + timedelta(milliseconds=900)
    async with serve(pages(page(listed))) as gate, gateway(gate.address) as sms:
        assert (await sms.find(PHONE, TEXT, since)).outcome is outcome


async def test_an_empty_list_in_either_shape_is_an_answer() -> None:
    for data in ([], {"totalCount": "0", "links": {}}):
        async with serve(says(200, success=True, data=data)) as gate, gateway(gate.address) as sms:
            assert await sms.find(PHONE, TEXT, SINCE) == SmsResult(NOT_SENT)


OTHER = "Other words"


@pytest.mark.parametrize(
    ("contents", "outcome", "asked"),
    [
        ((page(record(NOW + 5, text=OTHER), next_page=True), page(record())), SENT, 2),
        ((page(record(NOW - 700, text=OTHER), next_page=True), page(record())), NOT_SENT, 1),
        ((page(record(NOW + 5, text=OTHER), next_page=True), page()), NOT_SENT, 2),
        # Oldest first: what is old at the end of a page says nothing of the next one.
        (
            (
                page(record(NOW - 900, text=OTHER), record(NOW - 800, text=OTHER), next_page=True),
                page(record()),
            ),
            SENT,
            2,
        ),
        ((page(record(NOW + 5, text=OTHER), next_page=True),) * 9, UNKNOWN, 5),
    ],
)
async def test_pages(contents: tuple[dict[str, Any], ...], outcome: SmsOutcome, asked: int) -> None:
    async with serve(pages(*contents)) as gate, gateway(gate.address) as sms:
        assert (await sms.find(PHONE, TEXT, SINCE)).outcome is outcome
        assert len(gate.requests) == asked


async def test_a_phone_that_is_none_was_never_sent_to() -> None:
    async with serve(g.works) as gate, gateway(gate.address) as sms:
        assert (await sms.find("phone", TEXT, SINCE)).outcome is NOT_SENT
        assert gate.requests == []
