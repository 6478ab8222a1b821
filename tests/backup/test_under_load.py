"""A backup taken by its command while 32 tills write; the copy is one moment of it, and tells nobody anything."""

import asyncio
import json
import os
import sys
from itertools import count
from pathlib import Path

import pytest

from bot.build import build_app
from bot.database import database
from core.actors import CustomerActor, StaffActor
from core.check import check_ledger
from core.domain.people import Role
from core.ports import SystemClock
from core.services import Services
from core.store import health
from core.store.models import LedgerEntry, Message, Purchase
from tests.backup.conftest import services
from tests.backup.test_restore import MakeEmpty
from tests.bots.world import simulated
from tests.conftest import enrol, hire
from tests.web.kit import settings_for

WRITERS = 32
ROOT = Path(__file__).parents[2]


class Till:
    """Sells to one customer, with points and without, until told to stop."""

    def __init__(self, core: Services, cashier: StaffActor, customer: int, number: int) -> None:
        self._core = core
        self._cashier = cashier
        self._customer = CustomerActor(customer, 100 + number, "ru", None)
        self._number = number
        self.sales = 0

    async def sell(self, stopping: asyncio.Event) -> None:
        core, cashier = self._core, self._cashier
        while not stopping.is_set():
            key = f"{self._number}:{self.sales}"
            sale = await core.till.open_sale(cashier, self._customer.id, 1_000_00, key=key)
            if self.sales % 2:
                await core.redemption.spend(cashier, sale.purchase_id, key=f"{key}:s")
                await core.redemption.confirm(self._customer, sale.purchase_id)
            else:
                await core.till.accrue(cashier, sale.purchase_id)
            self.sales += 1


async def run_command(url: str, folder: Path, *arguments: str) -> tuple[int, str]:
    """``python -m bot …`` on a database; exit status and what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATABASE_URL": url},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(600):
        said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def sell_more(tills: list[Till], writing: asyncio.Future[list[None]]) -> None:
    """Until a till has begun and ended a sale since now."""
    before = [till.sales for till in tills]
    while all(till.sales < earlier + 2 for till, earlier in zip(tills, before, strict=True)):
        await asyncio.sleep(0.01)
        assert not writing.done()


async def back_up_while_they_sell(tills: list[Till], url: str, folder: Path) -> Path:
    """A backup during which at least one sale ended; however slow the machine is, one of them will."""
    for number in count():
        before = sum(till.sales for till in tills)
        status, said = await run_command(url, folder, "backup", str(folder / f"{number}.zip"))
        assert status == 0, said
        if sum(till.sales for till in tills) > before:
            return folder / f"{number}.zip"
    raise AssertionError("unreachable")


@pytest.mark.slow
async def test_backup_under_writers(
    database_url: str, database_kind: str, make_empty: MakeEmpty, tmp_path: Path
) -> None:
    stopping = asyncio.Event()
    async with database(database_url):
        core = services(SystemClock())
        await core.programmes.start("Основная точка")
        cashier = await hire(core, 9001, Role.CASHIER)
        tills = [Till(core, cashier, await enrol(core, 100 + n), n) for n in range(WRITERS)]
        writing = asyncio.gather(*(till.sell(stopping) for till in tills))
        await sell_more(tills, writing)
        file = await back_up_while_they_sell(tills, database_url, tmp_path)
        await sell_more(tills, writing)
        stopping.set()
        await writing
        assert not (await check_ledger()).findings
        whole = await Purchase.filter(status="completed").count()
    restored = await make_empty(database_kind)
    status, said = await run_command(restored, tmp_path, "restore", str(file))
    assert (status, "nothing broken" in said) == (0, True), said
    async with database(restored):
        copied = await Purchase.filter(status="completed").count()
        assert 0 < copied < whole
        assert await LedgerEntry.filter(kind="accrual").count() <= copied
        await _says_nothing(restored)
    status, said = await run_command(restored, tmp_path, "check")
    assert status == 0, said


async def _says_nothing(url: str) -> None:
    """The relay leads and looks through everything, and no call but its own beginnings is made."""
    async with simulated() as simulator:
        app = build_app(settings_for(simulator, url))
        states = json.dumps(sorted(await Message.all().values_list("id", "state")))
        relaying = asyncio.create_task(app.relay.run())
        async with asyncio.timeout(60):
            while not await health.lease_is_held("relay", SystemClock().now()):
                await asyncio.sleep(0.02)
        for _ in range(5):
            await app.relay.kick()
            await asyncio.sleep(0.02)
        await app.relay.stop()
        await relaying
        await app.close()
        assert [call.method for call in simulator.world.journal] == []
        assert simulator.world.sms_box.inbox("79000000001") == []
        assert json.dumps(sorted(await Message.all().values_list("id", "state"))) == states
