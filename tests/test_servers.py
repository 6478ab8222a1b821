"""The servers that tests bring along end with the process that started them."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SCRIPT = "from tests.servers import own_postgres; server = own_postgres(); print(server.get_pid(), server.pgdata)"


def _is_running(pid: str) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # where nobody collects the dead


def test_postgres_is_neither_left_running_nor_are_its_files() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, stdout=subprocess.PIPE, timeout=500, check=True, text=True
    )
    pid, data = ran.stdout.split()[-2:]
    assert not _is_running(pid)
    assert not Path(data).parent.exists()
