"""The SMS gateway, driven by the public client for SMS Aero."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from smsaero import SmsAero, SmsAeroConnectionException, SmsAeroException, SmsAeroNoMoneyException

from simulator import Fault, Simulator, World
from simulator.sms import parts

PHONE = 79160000001


@pytest_asyncio.fixture
async def gateway(simulator: Simulator) -> AsyncIterator[SmsAero]:
    email, key = simulator.sms_account
    async with SmsAero(email, key, url_gate=simulator.url.replace("http://", "@"), timeout=60) as gateway:
        yield gateway


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 135, 3),
        ("x" * 70 + "\N{NO-BREAK SPACE}", 2),
        ("😀" * 36, 2),
    ],
)
def test_how_many_parts_a_text_takes(text: str, count: int) -> None:
    assert parts(text) == count


async def test_an_sms_reaches_the_phone(gateway: SmsAero, world: World) -> None:
    sent = await gateway.send_sms(PHONE, "Код 1234", sign="Sample")
    assert (sent["number"], sent["from"], sent["text"], sent["status"]) == (str(PHONE), "Sample", "Код 1234", 0)
    assert (sent["extendStatus"], sent["cost"]) == ("queue", 5.49)
    (sms,) = world.sms("+79160000001")
    assert (sms.id, sms.text, sms.sign, sms.parts) == (sent["id"], "Код 1234", "Sample", 1)
    assert world.sms("+79160000002") == []
    assert (await world.wait_sms("79160000001")).id == sent["id"]


async def test_the_status_becomes_delivered(gateway: SmsAero, world: World) -> None:
    sent = await gateway.send_sms(PHONE, "hello")
    await world.wait_for(lambda: world.sms("+79160000001")[0].status == 1)
    status = await gateway.sms_status(sent["id"])
    assert (status["status"], status["extendStatus"]) == (1, "delivery")
    assert status["dateAnswer"] >= status["dateSend"]
    with pytest.raises(SmsAeroException, match="Message not found"):
        await gateway.sms_status(1)


async def test_money_goes_by_parts_until_there_is_none(gateway: SmsAero, world: World) -> None:
    world.sms_box.balance = 12.0
    assert await gateway.balance() == {"balance": 12.0}
    await gateway.send_sms(PHONE, "я" * 71)
    assert (await gateway.balance())["balance"] == 1.02
    with pytest.raises(SmsAeroNoMoneyException, match="no credits"):
        await gateway.send_sms(PHONE, "hello")
    assert len(world.sms("+79160000001")) == 1


async def test_several_numbers_at_once(gateway: SmsAero, world: World) -> None:
    sent = await gateway.send_sms([PHONE, PHONE + 1], "hello")
    assert [sms["number"] for sms in sent] == ["79160000001", "79160000002"]
    assert len(world.sms("+79160000002")) == 1


async def test_the_list_is_filtered_and_paged(gateway: SmsAero, world: World) -> None:
    for number in range(55):
        world.sms_box.send(str(PHONE), f"text {number}", "Sample")
    world.sms_box.balance = 100
    await gateway.send_sms(PHONE + 1, "other")
    listed = await gateway.sms_list()
    assert (listed["totalCount"], listed["0"]["text"], listed["links"]["next"]) == (
        "56",
        "other",
        "/v2/sms/list?page=2",
    )
    second = await gateway.sms_list(page=2)
    assert ("5" in second, "6" in second, "next" in second["links"]) == (True, False, False)
    assert (await gateway.sms_list(PHONE, "text 7"))["totalCount"] == "1"
    assert (await gateway.sms_list(PHONE + 2))["totalCount"] == "0"


async def test_a_test_sms_reaches_nobody_and_costs_nothing(gateway: SmsAero, world: World) -> None:
    gateway.enable_test_mode()
    sent = await gateway.send_sms(PHONE, "hello")
    assert (await gateway.sms_status(sent["id"]))["text"] == "hello"
    assert (await gateway.sms_list())["totalCount"] == "1"
    assert world.sms("+79160000001") == []
    assert world.sms_box.balance == 1000


async def test_the_right_key_is_asked_for(simulator: Simulator, gateway: SmsAero) -> None:
    assert await gateway.is_authorized() is True
    address = simulator.url.replace("http://", "@")
    async with SmsAero("demo@example.com", "another-key-than-the-true", url_gate=address) as stranger:
        with pytest.raises(SmsAeroException, match="invalid credentials"):
            await stranger.is_authorized()
        with pytest.raises(SmsAeroException, match="invalid credentials"):
            await stranger.send_sms(PHONE, "hello")
    assert simulator.world.sms_box.messages == []


async def test_signs_must_be_approved(gateway: SmsAero, world: World) -> None:
    world.sms_box.signs = ["Sample"]
    with pytest.raises(SmsAeroException, match="Validation error"):
        await gateway.send_sms(PHONE, "hello", sign="Other")
    assert (await gateway.sign_list())["0"]["name"] == "Sample"
    assert await gateway.send_sms(PHONE, "hello", sign="Sample")


async def test_delivery_reports_are_posted(gateway: SmsAero) -> None:
    reports: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        reports.put_nowait({name: str(value) for name, value in (await request.post()).items()})
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/report", take)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/report"
    sent = await gateway.send_sms(PHONE, "hello", callback_url=address)
    async with asyncio.timeout(60):
        report = await reports.get()
    await runner.cleanup()
    assert (report["id"], report["status"], report["extendStatus"]) == (str(sent["id"]), "1", "delivery")


@pytest.mark.parametrize(
    ("kind", "error", "words", "arrived"),
    [
        ("no_money", SmsAeroNoMoneyException, "no credits", 0),
        ("reject", SmsAeroException, "incorrect data", 0),
        ("500", SmsAeroException, "Internal Server Error", 0),
        ("502_page", SmsAeroConnectionException, "unavailable", 0),
        ("reset_before", SmsAeroConnectionException, "unavailable", 0),
        ("reset_after", SmsAeroConnectionException, "unavailable", 1),
        ("garbage", ValueError, None, 0),
        ("garbage_after", ValueError, None, 1),
        ("hang", TimeoutError, None, 0),
        ("hang_after", TimeoutError, None, 1),
    ],
)
async def test_a_gateway_in_trouble(
    simulator: Simulator, kind: str, error: type[Exception], words: str | None, arrived: int
) -> None:
    email, key = simulator.sms_account
    gateway = SmsAero(email, key, url_gate=simulator.url.replace("http://", "@"), timeout=60)
    if "hang" in kind:
        gateway._SmsAero__time = 1.0  # its constructor takes no less than three seconds
    fault = simulator.world.faults.add(Fault(where="sms", method="sms/send", kind=kind))
    async with gateway:
        with pytest.raises(error, match=words):
            await gateway.send_sms(PHONE, "hello")
        assert fault.struck == 1
        assert len(simulator.world.sms("+79160000001")) == arrived
        simulator.world.faults.clear()
        gateway._SmsAero__time = 60
        assert await gateway.send_sms(PHONE, "again")


async def test_unknown_paths_are_not_found(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    headers = {"Authorization": aiohttp.encode_basic_auth(*simulator.sms_account)}
    async with http.get(f"{simulator.url}/v2/nothing", headers=headers) as answer:
        assert (answer.status, (await answer.json())["success"]) == (404, False)
    async with http.get(f"{simulator.url}/v2/balance", headers=headers) as answer:
        assert (await answer.json())["data"] == {"balance": 1000.0}
