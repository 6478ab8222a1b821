"""However many ask at once, and whatever dies or is forgotten meanwhile: exactly the limit of codes is sent."""

import asyncio
import contextlib
import os
import sys
from pathlib import Path

from pydantic import SecretStr
from redis.asyncio import Redis

from bot.build import build_app
from core.deps import CodePolicy
from core.services import Services
from core.store.models import Message, VerificationCode
from simulator import Simulator
from tests.bots.world import simulated
from tests.core.asking import PHONE, ask_all, without_a_pause
from tests.servers import redis_url
from tests.web.kit import settings_for

ROOT = Path(__file__).parents[2]
LIMIT = CodePolicy().per_phone


async def delivered(simulator: Simulator, url: str) -> int:
    """How many codes the phone has got once the relay has sent all that is to be sent."""
    app = build_app(settings_for(simulator, url))
    relaying = asyncio.create_task(app.relay.run())
    async with asyncio.timeout(60):
        while await Message.filter(state__in=("queued", "sending")).exists():
            await app.relay.kick()
            await asyncio.sleep(0.02)
    await app.relay.stop()
    await relaying
    await app.close()
    return len(simulator.world.sms_box.inbox(PHONE))


async def test_1000_at_once_with_redis_flushed_meanwhile(core: Services, store: str) -> None:
    async with simulated() as simulator:
        app = build_app(settings_for(simulator, store, redis_url=SecretStr(redis_url())))
        redis = Redis.from_url(redis_url())
        asking = asyncio.create_task(ask_all(without_a_pause(app.core.deps)))
        while not asking.done():
            await redis.flushall()
            await asyncio.wait({asking}, timeout=0.05)
        await asking
        await redis.aclose()
        await app.close()
        assert await VerificationCode.all().count() == LIMIT
        assert await delivered(simulator, store) == LIMIT


async def test_1000_at_once_killed_in_the_middle_and_asked_again(core: Services, store: str) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    for kill_after in (2, None):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.core.asking", store), env=environment, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        sent = refused = 0
        while sent != kill_after and (line := await process.stdout.readline()):
            sent, refused = sent + (line == b"sent\n"), refused + (line == b"refused\n")
        with contextlib.suppress(ProcessLookupError):  # where this process got no time, the other one may be done
            if kill_after:
                process.kill()
        await process.stdout.read()
        assert await process.wait() in ((-9, 0) if kill_after else (0,))
    assert (sent, refused) == (LIMIT, 1000 - LIMIT), "those of before the kill are told again"
    assert await VerificationCode.all().count() == LIMIT
    async with simulated() as simulator:
        assert await delivered(simulator, store) == LIMIT
