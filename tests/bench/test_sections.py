"""Every section of the benchmarks measures something at its smallest size, and its table finds its place."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pytest
from aiohttp import web

from bench import memory, outbox, sweep, update
from bench.__main__ import SECTIONS, measure
from bench.postgres import Server
from bench.processes import Served
from bench.report import PAGE, write
from bench.sizes import FULL, TOY
from bench.telegram import StubApi
from tests.servers import postgres_url


class TestServer(Server):
    """The tests' own server, whose durability is not for a benchmark to switch."""

    __test__ = False

    async def loading(self, on: bool) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> TestServer:
    return TestServer(postgres_url())


@asynccontextmanager
async def in_this_process(kind: str, stub: StubApi, folder: Path, database_url: str = "") -> AsyncIterator[Served]:
    """Stands for a process that takes seconds to start: answers each post by a message."""

    async def answer(request: web.Request) -> web.Response:
        chat = (await request.json())["message"]["chat"]["id"]
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{stub.url}/bot500:token/sendMessage", data={"chat_id": chat, "text": kind}) as told,
        ):
            assert (await told.json())["ok"]
        return web.Response()

    app = web.Application()
    app.router.add_post("/telegram/customer", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield Served(SimpleNamespace(pid=os.getpid()), f"127.0.0.1:{runner.addresses[0][1]}")
    finally:
        await runner.cleanup()


async def _no_database(url: str, folder: Path, name: str) -> Path:
    return folder / f"{name}.db"


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_measures(
    name: str, server: TestServer, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path
) -> None:
    async def migrated(url: str) -> None:
        shutil.copy(sqlite_template, url.removeprefix("sqlite:///"))

    for section in (outbox, sweep):
        monkeypatch.setattr(section, "migrate_database", migrated)
    for section in (update, memory):
        monkeypatch.setattr(section, "served", in_this_process)
    monkeypatch.setattr(update, "as_sqlite", _no_database)
    text = asyncio.run(measure(name, server, TOY))
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) >= 3
    assert len({line.count("|") for line in table}) == 1
    assert re.search(r"Measured on \d{4}-\d\d-\d\d in \d+ s", text)


def test_every_section_has_its_place_in_the_page(tmp_path: Path) -> None:
    page = tmp_path / PAGE.name
    page.write_text(PAGE.read_text("utf-8"), "utf-8")
    for name in SECTIONS:
        write(name, f"the table of {name}", page)
    text = page.read_text("utf-8")
    assert all(f"<!-- bench:{name} -->\nthe table of {name}\n<!-- /bench:{name} -->" in text for name in SECTIONS)
    with pytest.raises(ValueError, match="no place"):
        write("nothing", "", page)


def test_the_published_size_is_what_the_page_says() -> None:
    assert (FULL.few_customers, FULL.many_customers, FULL.regular) == (10_000, 1_000_000, 10_000)
    assert (FULL.memory_updates, FULL.processes) == (100_000, (1, 2, 4))
    assert (FULL.recipients, FULL.lots) == (100_000, 1_000_000)
