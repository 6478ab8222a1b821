"""Noting what becomes of a claimed message: a try that begins, its end, or another time."""

from datetime import datetime
from typing import Any

from core.store.claims import Claimed
from core.store.sql import fetch
from core.store.transactions import run_in_transaction


async def begin_try(message: Claimed, reason: str) -> bool:
    """Note, right before a message is sent, which of its tries this is (``claims.FIRST_TRY`` and so on): after a
    crash it tells whether the message may have left, and whether it may be sent again.

    False when it must not be sent: another worker has it by now, or its campaign was paused or stopped while it
    waited for its turn.
    """
    rows = await fetch(
        "UPDATE message SET reason = $2 WHERE id = $1 AND leased_by = $3 AND state = 'sending' AND NOT EXISTS "
        "(SELECT 1 FROM campaign c WHERE c.id = message.campaign_id AND c.state IN ('paused', 'stopped')) "
        "RETURNING id",
        message.id,
        reason,
        message.worker,
    )
    return bool(rows)


def _owned(message: Claimed | int) -> tuple[int, str | None]:
    """The message's id, and by whom it was claimed."""
    return (message, None) if isinstance(message, int) else (message.id, message.worker)


async def settle(
    message: Claimed | int,
    state: str,
    *,
    now: datetime,
    reason: str | None = None,
    provider_id: str | None = None,
    telegram_message_id: int | None = None,
    parts: int | None = None,
    cost: int | None = None,
) -> None:
    """Note what became of a message; a secret that has left or never will is wiped.

    Whoever claimed it and stalled past the lease has no say any more, but for what surely was sent.
    """
    message_id, worker = _owned(message)
    keep_secret = state == "unknown"
    own = " AND (CAST($9 AS TEXT) IS NULL OR leased_by = $9)"
    await _surely(
        "UPDATE message SET state = $2, reason = $3, provider_id = COALESCE($4, provider_id), "
        "telegram_message_id = COALESCE($5, telegram_message_id), parts = COALESCE($6, parts), "
        "cost = COALESCE($7, cost), sent_at = COALESCE($8, sent_at), lease_until = NULL, leased_by = NULL"
        f"{'' if keep_secret else ', secret = NULL'} WHERE id = $1{own}",
        message_id,
        state,
        reason,
        provider_id,
        telegram_message_id,
        parts,
        cost,
        now if state == "sent" else None,
        worker if state != "sent" else None,
    )


async def _surely(statement: str, *values: Any) -> None:
    """One statement that may run twice, tried again when the connection is lost: its news would be lost too."""
    await run_in_transaction(lambda: fetch(statement, *values))


async def postpone(
    message: Claimed | int, until: datetime, *, reason: str | None = None, uncounted: bool = False
) -> None:
    """Put a message that surely did not leave back into the queue, unless who claimed it lost the lease.

    ``uncounted``: nothing was tried.
    """
    message_id, worker = _owned(message)
    taken_back = ", tries = tries - 1" if uncounted else ""
    await _surely(
        "UPDATE message SET state = 'queued', not_before = $2, reason = $3, lease_until = NULL, "
        f"leased_by = NULL{taken_back} WHERE id = $1 AND (CAST($4 AS TEXT) IS NULL OR leased_by = $4)",
        message_id,
        until,
        reason,
        worker,
    )
