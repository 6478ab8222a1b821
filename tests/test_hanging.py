"""A test that hangs fails, and says what it waited for."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
HANGS = """
import asyncio
from contextlib import asynccontextmanager

@asynccontextmanager
async def entering():
    await asyncio.sleep(100)
    yield

async def innermost():
    async with entering():
        pass

async def test_that_hangs():
    await asyncio.create_task(innermost())
"""


def test_who_hangs_is_told_with_the_innermost_call(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(HANGS, "utf-8")
    options = ["-p", "tests.hanging", "-o", "asyncio_mode=auto", "--timeout", "1", "-p", "no:cacheprovider"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", "/dev/null", "--rootdir", str(tmp_path), *options, "test_it.py"],
        cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert ran.returncode == 1, ran.stdout + ran.stderr
    said = ran.stdout.partition("Unfinished tasks of test_that_hangs")[2]
    assert " innermost\n" in said
    assert "test_it.py:7 entering\n" in said
