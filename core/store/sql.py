"""Raw SQL for the hot paths, written once for both databases.

Placeholders are ``$1, $2 …``; SQLite numbers them too, with another sign. Moments are stored as text
there, always in UTC with the same offset, so that they compare as they should.
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection

from core.store.transactions import StoreUnavailable

_PLACEHOLDER = re.compile(r"\$(\d+)")


def is_postgres() -> bool:
    """Whether the open database is PostgreSQL."""
    return bool(get_connection("default").capabilities.dialect == "postgres")


async def fetch(statement: str, *values: Any) -> list[dict[str, Any]]:
    """Run one statement and return its rows. ``FOR UPDATE`` is left out on SQLite.

    Raises StoreUnavailable when PostgreSQL can't be reached or doesn't answer in time.
    """
    client = get_connection("default")
    if client.capabilities.dialect == "postgres":
        try:
            return await client.execute_query_dict(statement, list(values))
        except OSError as error:
            if isinstance(client, TransactionalDBClient):
                raise  # whoever began the transaction decides
            raise StoreUnavailable(type(error).__name__) from error
    return await client.execute_query_dict(as_sqlite(statement), [for_sqlite(value) for value in values])


@lru_cache(maxsize=1024)
def as_sqlite(statement: str) -> str:
    """A statement as SQLite writes it."""
    return _PLACEHOLDER.sub(r"?\1", re.sub(r"\sFOR UPDATE[^)\n]*", "", statement))


async def fetch_one(statement: str, *values: Any) -> dict[str, Any] | None:
    """The first row, or None."""
    rows = await fetch(statement, *values)
    return rows[0] if rows else None


def for_sqlite(value: Any) -> Any:
    """A value as SQLite keeps it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value


def moment(value: Any) -> datetime:
    """A stored moment, aware and in UTC."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return found.astimezone(UTC)


def moment_or_none(value: Any) -> datetime | None:
    return None if value is None else moment(value)


def decoded(value: Any) -> Any:
    """A stored JSON value."""
    return json.loads(value) if isinstance(value, str | bytes) else value


def placeholders(rows: int, columns: int, *, casts: Sequence[str] = (), first: int = 1) -> str:
    """``($1, $2), ($3, $4) …`` for a multi-row statement; ``casts`` names SQL types by column."""
    groups = []
    number = first
    for _ in range(rows):
        group = []
        for column in range(columns):
            cast = casts[column] if casts else ""
            group.append(f"CAST(${number} AS {cast})" if cast else f"${number}")
            number += 1
        groups.append(f"({', '.join(group)})")
    return ", ".join(groups)
