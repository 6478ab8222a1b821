"""The demonstration as a process of its own, and a browser on its page."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser import FLAGS, MISSING, find_browser

ROOT = Path(__file__).parents[2]


@pytest_asyncio.fixture
async def demo(tmp_path: Path) -> AsyncIterator[str]:
    """``python -m bot run`` without any setting, in an empty folder; gives the page's address."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "SIMULATOR_PORT": "0"}
    with (tmp_path / "demo.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            cwd=tmp_path,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    try:
        async with asyncio.timeout(180):
            address = await _address(process)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(60):
                await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    assert process.returncode == 0, (tmp_path / "demo.log").read_text()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    while line := await process.stdout.readline():
        found = re.search(r"http://127\.0\.0\.1:\d+", line.decode())
        if found:
            return found[0]
    raise AssertionError("the demonstration ended before it printed its address")


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    """Headless Chromium."""
    path = find_browser()
    if path is None:
        pytest.skip(MISSING)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=path, args=FLAGS, timeout=180_000)
        yield opened
        await opened.close()
