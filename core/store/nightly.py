"""Asking a SQLite file beside the running bots: by a read-only connection of its own, in a thread, for a while."""

import asyncio
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from tortoise.connection import get_connection

from core.store import audit
from core.store.sql import as_sqlite, is_postgres
from core.store.transactions import StoreUnavailable

LONGEST_S = 600.0
_LOOK_EVERY = 100_000
"""Steps of SQLite's machine between looks at the time."""

Found = list[tuple[str, dict[str, Any]]]


async def of_sqlite(questions: Mapping[str, tuple[str, Sequence[Any]]], audit_rule: str) -> Found | None:
    """The answers to questions by rule, and the breaks of the log's chain, in one view of the file that holds no
    writer up. None where the database is no file. Raises StoreUnavailable after LONGEST_S."""
    path = None if is_postgres() else _file()
    return None if path is None else await asyncio.to_thread(_ask, path, questions, audit_rule)


def _file() -> Path | None:
    client: Any = get_connection("default")
    path = Path(client.filename).absolute()
    return path if path.is_file() else None


def _ask(path: Path, questions: Mapping[str, tuple[str, Sequence[Any]]], audit_rule: str) -> Found:
    until = time.monotonic() + LONGEST_S
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=10)) as db:
        db.row_factory = sqlite3.Row
        db.set_progress_handler(lambda: int(time.monotonic() > until), _LOOK_EVERY)
        try:
            db.execute("BEGIN")
            found = [
                (rule, dict(row))
                for rule, (question, values) in questions.items()
                for row in db.execute(as_sqlite(question), values)
            ]
            return found + [(audit_rule, row) for row in _breaks(db)]
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(str(error)) from error


def _breaks(db: sqlite3.Connection) -> list[dict[str, Any]]:
    chain = audit.Chain()
    for row in _rows(db):
        chain.add(audit.as_noted(row))
        if chain.is_enough:
            return chain.found
    end = db.execute(as_sqlite(audit.END)).fetchone()
    chain.finish(dict(end) if end else None)
    return chain.found


def _rows(db: sqlite3.Connection) -> Iterable[dict[str, Any]]:
    after = 0
    while rows := db.execute(as_sqlite(audit.ROWS), (after,)).fetchall():
        yield from (dict(row) for row in rows)
        after = rows[-1]["id"]
