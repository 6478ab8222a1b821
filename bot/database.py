"""Opening the database: Tortoise's configuration, migrations under a lock, closing."""

import asyncio
import fcntl
import pkgutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from glob import escape
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import asyncpg
from tortoise import Tortoise
from tortoise.migrations.api import migrate as apply_migrations

import migrations
from bot.quick_migrations import quick_migrations
from bot.settings import BadSettings

_UNFINISHED = ".unfinished"
_MIGRATION_LOCK = 0x4B4F50494C4B41  # "KOPILKA": the advisory lock's number
_POOL = 20
_LOOK_EVERY_S = 0.05
_STRANGERS = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)


def tortoise_config(url: str, *, patient: bool = False) -> dict[str, Any]:
    """Tortoise's configuration for ``sqlite:///path`` (or ``sqlite://:memory:``) or ``postgresql://…``.

    ``patient`` is for commands that go through whole tables: a statement may take as long as it takes.
    """
    return {
        "connections": {"default": _connection(url, patient)},
        "apps": {
            "core": {
                "models": ["core.store.models"],
                "migrations": "migrations",
                "default_connection": "default",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


def _connection(url: str, patient: bool) -> dict[str, Any]:
    if url.startswith("sqlite:"):
        return {
            "engine": "core.store.sqlite_immediate",
            "credentials": {"file_path": sqlite_path(url), "busy_timeout": 10_000, "synchronous": "FULL"},
        }
    return {
        "engine": "core.store.postgres_guarded",
        "credentials": {
            **_server(url),
            "minsize": 1,
            "maxsize": _POOL,
            "command_timeout": None if patient else 30,
            "server_settings": {"lock_timeout": "10s", "idle_in_transaction_session_timeout": "60s"},
        },
    }


def _server(url: str) -> dict[str, Any]:
    """What a connection to PostgreSQL needs. Of the address' options only those are taken that this program knows:
    the driver would hand any other (``channel_binding``, ``pgbouncer``) to the server, which refuses it."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ValueError("DATABASE_URL begins with sqlite:/// or postgresql://")
    options = dict(parse_qsl(parts.query))
    secure = {"ssl": options["sslmode"]} if "sslmode" in options else {}
    return {
        "host": options.get("host") or unquote(parts.hostname or "localhost"),
        "port": parts.port or int(options.get("port", "5432")),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "database": parts.path.lstrip("/"),
        "timeout": 10,
        **secure,
    }


def sqlite_path(url: str) -> str:
    """The file of a ``sqlite:///relative`` or ``sqlite:////absolute`` address."""
    return url.removeprefix("sqlite://").removeprefix("/") or ":memory:"


async def open_database(url: str, *, patient: bool = False) -> None:
    """Open the database for this process. Call before anything that uses it, close_database after."""
    if url.startswith("sqlite:"):
        Path(sqlite_path(url)).parent.mkdir(parents=True, exist_ok=True)
    await Tortoise.init(config=tortoise_config(url, patient=patient), _enable_global_fallback=True)


async def close_database() -> None:
    """Give back every connection; without it the process would hang."""
    await Tortoise.close_connections()


@asynccontextmanager
async def database(url: str, *, migrated: bool = False, patient: bool = False) -> AsyncIterator[None]:
    """The open database as a context; with ``migrated`` it is brought up to date first.

    Raises BadSettings as migrate_database does, when it is first used.
    """
    if migrated:
        await migrate_database(url)
    await open_database(url, patient=patient)
    try:
        yield
    except _STRANGERS as error:
        raise _refused(error) from None
    finally:
        await close_database()


async def migrate_database(url: str, *, target: str | None = None) -> None:
    """Bring the schema up to date, or to ``target``; where two start at once, the second waits for the first.

    Raises BadSettings when the server is there, but knows no such user, password or database.
    """
    async with _migration_lock(url):
        path = Path(sqlite_path(url)) if url.startswith("sqlite:") else None
        if path is not None and path.exists():
            sweep(path)
        if path is None or path.exists() or str(path) == ":memory:":
            await _apply(url, target)
            return
        # SQLite's migrations are not one transaction: a new file gets its name only when it is whole,
        # so that a kill during the first start leaves nothing half made.
        with made_whole(path) as unfinished:
            await _apply(f"sqlite:///{unfinished}", target)


async def _apply(url: str, target: str | None) -> None:
    try:
        await open_database(url, patient=True)
        wanted = f"core.{target}" if target else None
        with quick_migrations():
            await apply_migrations(config=tortoise_config(url, patient=True), target=wanted, direction="forward")
    finally:
        await close_database()


@contextmanager
def made_whole(path: Path) -> Iterator[Path]:
    """A file to make a new SQLite database in; it becomes ``path`` when it was made without an error.

    What an interrupted run left is thrown away. The database must be closed in the end.
    """
    unfinished = path.with_name(f"{path.name}{_UNFINISHED}")
    sweep(path)
    yield unfinished
    unfinished.replace(path)
    sweep(path)


def sweep(path: Path) -> None:
    """Remove what making a new database left beside it, however it ended."""
    for leftover in path.parent.glob(f"{escape(path.name)}{_UNFINISHED}*"):
        leftover.unlink(missing_ok=True)


def known_migrations() -> list[str]:
    """Names of the migrations that this program's code needs, in order."""
    return sorted(found.name for found in pkgutil.iter_modules(migrations.__path__))


def other_version(applied: list[str]) -> str | None:
    """What to say of a database that is of another version than this program; None when it is of the same."""
    known = known_migrations()
    if applied == known:
        return None
    if set(known) < set(applied):
        return "The database is of a newer version than this program: use this command of the newer one."
    return "The database is of an older version than this program: run `python -m bot migrate` first."


def _refused(error: Exception) -> BadSettings:
    return BadSettings(f"DATABASE_URL: the server refuses its user, password or database ({type(error).__name__})")


@asynccontextmanager
async def _migration_lock(url: str) -> AsyncIterator[None]:
    if not url.startswith("sqlite:"):
        try:
            connection = await asyncpg.connect(**_server(url))
        except _STRANGERS as error:
            raise _refused(error) from None
        try:
            await connection.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
            yield
        finally:
            await connection.close()
        return
    file = Path(f"{sqlite_path(url)}.migrating")
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as handle:  # noqa: ASYNC230 - an empty lock file at start, before anything is served
        while not _locked(handle):  # noqa: ASYNC110 - another process has it, and rings no bell
            await asyncio.sleep(_LOOK_EVERY_S)
        yield


def _locked(handle: IO[str]) -> bool:
    """Whether the lock could be had. It isn't waited for in the system: a stop would not be heard meanwhile."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


TORTOISE_ORM = tortoise_config("sqlite:///var/kopilka.db")
"""For Tortoise's own command line: ``tortoise -c bot.database.TORTOISE_ORM makemigrations``."""
