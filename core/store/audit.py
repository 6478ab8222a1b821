"""The log of who did what: append-only."""

import json
from datetime import datetime
from typing import Any

from core.store.sql import fetch


async def note(
    action: str,
    object_kind: str,
    object_id: int | None,
    *,
    actor_kind: str,
    actor_id: int | None,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write one row; ``actor_kind`` is staff, customer, command (a command line) or system."""
    await fetch(
        "INSERT INTO audit_row (actor_kind, actor_id, action, object_kind, object_id, before, after, created_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        actor_kind,
        actor_id,
        action,
        object_kind,
        object_id,
        json.dumps(before, ensure_ascii=False) if before is not None else None,
        json.dumps(after, ensure_ascii=False) if after is not None else None,
        now,
    )
