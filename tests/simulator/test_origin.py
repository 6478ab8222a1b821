"""A page from elsewhere can't drive the simulator through its reader's browser."""

import aiohttp
import pytest

from simulator import BotAccount, Person, Simulator


@pytest.mark.parametrize("path", ["/ws", "/upload?person=1&bot=5", "/control/send_text"])
async def test_only_its_own_page_may_act(path: str) -> None:
    accounts, people = [BotAccount(5, "5:token", "a_bot", "A")], [Person(1, "Anna")]
    async with Simulator(accounts, people) as simulator, aiohttp.ClientSession() as session:
        foreign = await session.post(simulator.url + path, headers={"Origin": "https://elsewhere.example"})
        assert foreign.status == 403
        own = await session.post(simulator.url + path, headers={"Origin": simulator.url})
        assert own.status != 403
