"""The product as its own process against a simulator, to be killed."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from simulator import Simulator

ROOT = Path(__file__).parents[2]


class Product:
    """``python -m bot run`` with its settings; ended at the latest with its context."""

    def __init__(self, simulator: Simulator, database_url: str, folder: Path) -> None:
        customer, staff = simulator.world.bots.values()
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "CUSTOMER_BOT_TOKEN": customer.account.token,
            "STAFF_BOT_TOKEN": staff.account.token,
            "TELEGRAM_API_URL": simulator.url,
            "DATABASE_URL": database_url,
            "SECRET_KEY": "test-secret-key-of-32-characters!",
            "SMS_GATEWAY": "smsaero",
            "SMSAERO_EMAIL": simulator.sms_account[0],
            "SMSAERO_API_KEY": simulator.sms_account[1],
            "SMSAERO_GATE": simulator.url.removeprefix("http://"),
            "SMSAERO_SCHEME": "http",
        }
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process; returns at once."""
        with (self._folder / "product.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", cwd=self._folder, env=self._environment, stdout=log, stderr=log
            )

    async def kill(self) -> None:
        """kill -9."""
        await self._end(signal.SIGKILL)

    async def terminate(self) -> int:
        """SIGTERM; returns the exit status."""
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        if self._process.returncode is None:
            self._process.send_signal(how)
        async with asyncio.timeout(30):
            status = await self._process.wait()
        self._process = None
        return status

    def log(self) -> str:
        """What it has written."""
        return (self._folder / "product.log").read_text("utf-8")

    async def __aenter__(self) -> "Product":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()
