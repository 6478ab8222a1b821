"""The Procfile's processes, started by honcho as a platform starts its containers: one of a line in each."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path

from tests.web.processes import ROOT, STOP_S

START_S = 300.0
"""Six processes import aiogram at once, on a machine that is busy with other tests."""


class Container:
    """``honcho start LINE``; ended at the latest with its context. Signals go to the product's process and not by
    honcho, which would kill it after five seconds."""

    _numbers = count(1)

    def __init__(self, line: str, settings: Mapping[str, str], folder: Path) -> None:
        self.line = line
        self._settings = {**settings, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        self._folder = folder
        self._log = folder / f"{line}-{next(self._numbers)}.log"
        self._runner: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; returns at once."""
        with self._log.open("ab") as log:
            self._runner = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "honcho", "start", "--no-colour", "--no-prefix", "-e", "none",
                "-d", str(self._folder), "-f", str(ROOT / "Procfile"), self.line,
                cwd=self._folder, env=self._settings, stdout=log, stderr=log,
            )  # fmt: skip

    async def said(self, pattern: str) -> re.Match[str]:
        """Wait until it has said that."""
        async with asyncio.timeout(START_S):
            while (found := re.search(pattern, self.log())) is None:
                assert self._runner is not None
                assert self._runner.returncode is None, self.log()
                await asyncio.sleep(0.05)
        return found

    async def ended(self) -> int:
        """Wait for its end; the line's exit status."""
        assert self._runner is not None
        async with asyncio.timeout(START_S):
            return await self._runner.wait()

    async def terminate(self) -> int:
        """SIGTERM; the exit status. Fails when it takes much longer than it may."""
        os.kill(self._product(), signal.SIGTERM)
        assert self._runner is not None
        async with asyncio.timeout(STOP_S):
            return await self._runner.wait()

    async def kill(self) -> None:
        """kill -9."""
        os.kill(self._product(), signal.SIGKILL)
        await self.ended()

    def runs(self, pid: int) -> bool:
        """Whether that process is one of this container's."""
        return pid in self._processes()

    def log(self) -> str:
        """What it has written."""
        return self._log.read_text("utf-8")

    def _group(self) -> int:
        """The line's process group; -1, which is nobody's, before it is started."""
        found = re.search(r"started \(pid=(\d+)\)", self.log())
        return int(found[1]) if found else -1

    def _product(self) -> int:
        """The product's process: the shell's child, or what the shell has become."""
        found = self._processes()
        assert found, self.log()
        return max(found, key=lambda pid: pid != self._group())

    def _processes(self) -> list[int]:
        """What runs in the line's process group."""
        return [int(path.name) for path in Path("/proc").glob("[0-9]*") if _group_of(path) == self._group()]

    async def __aenter__(self) -> "Container":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is None or self._runner.returncode is not None:
            return
        for pid in self._processes() or [self._runner.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await self._runner.wait()


def _group_of(path: Path) -> int | None:
    try:
        return os.getpgid(int(path.name))
    except ProcessLookupError:
        return None
