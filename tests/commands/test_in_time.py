"""A process that was asked to end does end, whatever hangs in it."""

import asyncio
import sys
from pathlib import Path

import pytest

from bot.in_time import ending_in_time
from bot.relay import Relay
from core.services import Services
from core.store import updates
from core.store.transactions import StoreUnavailable
from handlers.rendering import Renderer
from sms.console import ConsoleGateway
from tests.bots.world import TEMPLATES

ROOT = Path(__file__).parents[2]
STUBBORN = """
import asyncio, os, signal, sys
from bot import in_time, looping, signals

in_time.END_S = 0.2

async def command():
    with signals.stop_requests() as stopping:
        os.kill(os.getpid(), signal.SIGTERM)
        await stopping.wait()
    sys.stdout.write("asked")
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue

sys.exit(looping.run(command()))
"""


HELD_BY_A_THREAD = """
import asyncio, os, signal, sys, time
from bot import in_time, looping, signals

in_time.END_S = 0.2

async def command():
    with signals.stop_requests() as stopping:
        looking = asyncio.ensure_future(asyncio.to_thread(time.sleep, 3600))
        await asyncio.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)
        await stopping.wait()
    sys.stdout.write("asked")

sys.exit(looping.run(command()))
"""


@pytest.mark.parametrize("script", [STUBBORN, HELD_BY_A_THREAD], ids=["task", "thread"])
async def test_what_hangs_is_left_behind(script: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(120):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, said
    assert said.startswith(b"asked")
    assert b"end_cut_off" in said


async def test_a_command_that_ends_by_itself_gives_what_it_gives() -> None:
    async def well() -> int:
        return 7

    async def badly() -> int:
        raise KeyError("sample")

    assert await ending_in_time(well()) == 7
    with pytest.raises(KeyError, match="sample"):
        await ending_in_time(badly())


async def test_an_interrupted_command_is_cancelled() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    command = asyncio.ensure_future(ending_in_time(work()))
    await asyncio.sleep(0.01)
    command.cancel()
    with pytest.raises(asyncio.CancelledError):
        await command
    assert ended.is_set()


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_relay_ends_well_where_its_lease_can_not_be_given_back(
    core: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailable("ConnectionResetError")

    monkeypatch.setattr(updates, "drop_lease", away)
    relay = Relay(core, Renderer(TEMPLATES, clock=core.deps.clock), {}, ConsoleGateway())
    relay.request_stop()
    async with asyncio.timeout(60):
        await relay.run()
