"""Delivery reports are hints: forged ones change nothing, and none of them is believed."""

import json
import logging
from datetime import timedelta

import pytest

from bot.gateways import report_path
from bot.web import reports
from bot.web.reports import BURST, MAX_REPORT, MOST_IDS, ids_in
from core.services import Services
from core.store import outbox
from core.store.sql import fetch
from tests.conftest import ManualClock
from tests.core.kit import one
from tests.web.kit import Web


async def a_sent_message(clock: ManualClock, provider_id: str) -> None:
    """An SMS that was sent an hour and a half ago, and asked for ten minutes ago: the next time is far away."""
    draft = outbox.Draft(
        topic="code", channel="sms", template="sms/code_register", language="ru", phone="79000000001",
        dedupe_key=f"code:{provider_id}", priority=0,
    )  # fmt: skip
    await outbox.enqueue([draft], clock.now())
    await fetch(
        "UPDATE message SET state = 'sent', sent_at = $1, asked_at = $2, provider_id = $3 WHERE dedupe_key = $4",
        clock.now() - timedelta(minutes=90),
        clock.now() - timedelta(minutes=10),
        provider_id,
        f"code:{provider_id}",
    )


async def asked_at(provider_id: str) -> object:
    return await one("SELECT asked_at FROM message WHERE provider_id = $1", provider_id)


async def post(web: Web, path: str, data: object) -> int:
    async with web.http.post(f"{web.url}{path}", data=data) as answer:
        await answer.read()
        return answer.status


@pytest.mark.parametrize(
    "report",
    [
        {"id": "7001", "tel": "79000000001", "status": "1", "extendStatus": "delivery"},
        {"data[0]": "sms_status\n7001\n103\n1772000000", "hash": "whatever"},
        json.dumps({"id": 7001, "status": 1}),
    ],
)
async def test_a_report_makes_its_message_be_asked_for_and_is_not_believed(
    web: Web, core: Services, clock: ManualClock, report: object
) -> None:
    await a_sent_message(clock, "7001")
    await a_sent_message(clock, "7002")
    assert await post(web, report_path(core.deps.keys), report) == 200
    assert await asked_at("7001") is None
    assert await asked_at("7002") is not None
    assert await one("SELECT count(DISTINCT state) AS n FROM message") == 1
    assert [each.provider_id for each in await core.sms_statuses.due(10)] == ["7001"]


@pytest.mark.parametrize("path", ["/sms/guess", "/sms/", "/sms/" + "0" * 40, "/sms/%D1%8F"])
async def test_a_forged_report_changes_nothing(web: Web, core: Services, clock: ManualClock, path: str) -> None:
    await a_sent_message(clock, "7001")
    assert await post(web, path, {"id": "7001"}) == 404
    assert await asked_at("7001") is not None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[1, 2]",
        b"[" * 5000,
        b'{"id": true}',
        b'{"id": {"$gt": ""}}',
        b"id=7001'--",
        b"&&&==",
    ],
)
async def test_what_can_not_be_read_is_taken_and_does_nothing(
    web: Web, core: Services, clock: ManualClock, body: bytes
) -> None:
    await a_sent_message(clock, "7001")
    assert await post(web, report_path(core.deps.keys), body) == 200
    assert await asked_at("7001") is not None


async def test_bodies_and_numbers_are_bounded(web: Web, core: Services, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    path = report_path(core.deps.keys)
    assert await post(web, path, b"id=1&x=" + b"x" * MAX_REPORT) == 413

    async def slowly():  # without a length that could be looked at beforehand
        for _ in range(9):
            yield b"x" * (MAX_REPORT // 8)

    assert await post(web, path, slowly()) == 413
    assert path.rpartition("/")[2] not in caplog.text
    many = "&".join(f"data[{n}]=sms_status%0A{n}%0A103" for n in range(2 * MOST_IDS))
    assert len(ids_in(many.encode())) <= MOST_IDS


async def test_too_many_at_once_are_turned_away(web: Web, core: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = [0.0]
    made = reports.Reports("/sms/x", core.sms_statuses, web.app.metrics, lambda: passed[0])
    assert [made._may_pass() for _ in range(int(BURST) + 2)] == [True] * int(BURST) + [False] * 2
    passed[0] += 0.1
    assert [made._may_pass() for _ in range(3)] == [True, True, False]


async def test_the_path_is_the_keys_own() -> None:
    from core.keyring import Keyring

    one_key, other = Keyring("a-key-of-16-signs"), Keyring("another-key-of-16")
    assert report_path(one_key) == report_path(Keyring("a-key-of-16-signs")) != report_path(other)
    assert len(report_path(one_key)) > 40
