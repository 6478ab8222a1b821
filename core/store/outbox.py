"""The outbox table: writing what is to be told, claiming it, and noting what became of it."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.domain.topics import URGENT
from core.store.sql import decoded, fetch, is_postgres, moment, moment_or_none, placeholders
from core.store.transactions import run_in_transaction


@dataclass(frozen=True, slots=True)
class Draft:
    """One thing to be told. See models.machinery.Message for the fields."""

    topic: str
    channel: str
    template: str
    language: str
    dedupe_key: str
    priority: int
    data: dict[str, Any] = field(default_factory=dict)
    bot: str | None = None
    chat_id: int | None = None
    phone: str | None = None
    customer_id: int | None = None
    staff_member_id: int | None = None
    secret: str | None = None
    edits_key: str | None = None
    edits_message_id: int | None = None
    notify_bot: str | None = None
    notify_chat_id: int | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    campaign_id: int | None = None
    wanted: str | None = None


_COLUMNS = (
    "topic, channel, template, language, dedupe_key, priority, data, bot, chat_id, phone, customer_id, "
    "staff_member_id, secret, edits_key, edits_message_id, notify_bot, notify_chat_id, "
    "not_before, not_after, campaign_id, wanted, state, tries, created_at"
)
_WIDTH = _COLUMNS.count(",") + 1
_AT_ONCE = 1000
LAST_TRY = "last_try"
TRYING = "trying"
"""Reason of a message that is with Telegram now and must not be sent again, whatever becomes of it."""
DOUBTS = frozenset({"unknown", "worker_lost", LAST_TRY})
"""Reasons of a message that waits again although it may have arrived: it is sent once more at most."""


async def enqueue(drafts: Sequence[Draft], now: datetime) -> None:
    """Write messages in one statement for each thousand; one that is already there (by its dedupe key) stays as
    it is."""
    for start in range(0, len(drafts), _AT_ONCE):
        await _insert(drafts[start : start + _AT_ONCE], now)


async def _insert(drafts: Sequence[Draft], now: datetime) -> None:
    values: list[Any] = []
    for each in drafts:
        values += [each.topic, each.channel, each.template, each.language, each.dedupe_key, each.priority]
        values += [json.dumps(each.data, ensure_ascii=False, default=str), each.bot, each.chat_id, each.phone]
        values += [each.customer_id, each.staff_member_id, each.secret, each.edits_key, each.edits_message_id]
        values += [each.notify_bot, each.notify_chat_id, each.not_before or now, each.not_after]
        values += [each.campaign_id, each.wanted or each.channel, "queued", 0, now]
    await fetch(
        f"INSERT INTO message ({_COLUMNS}) VALUES {placeholders(len(drafts), _WIDTH)} "
        "ON CONFLICT (dedupe_key) DO NOTHING",
        *values,
    )


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this worker may send now."""

    id: int
    topic: str
    channel: str
    template: str
    language: str
    data: dict[str, Any]
    dedupe_key: str
    tries: int
    bot: str | None
    chat_id: int | None
    phone: str | None
    customer_id: int | None
    secret: str | None
    edits_key: str | None
    edits_message_id: int | None
    notify_bot: str | None
    notify_chat_id: int | None
    not_after: datetime | None
    created_at: datetime
    worker: str | None
    reason: str | None = None
    priority: int = 0
    campaign_id: int | None = None
    gateway: str | None = None

    @property
    def is_bulk(self) -> bool:
        """Whether it waits behind what one person waits for."""
        return self.priority > URGENT

    @property
    def is_doubtful(self) -> bool:
        """Whether an earlier try of it may have arrived."""
        return self.reason in DOUBTS


async def claim(
    channel: str,
    bot: str | None,
    *,
    worker: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    bulk: bool | None = None,
) -> list[Claimed]:
    """Take up to ``limit`` due messages, the most urgent first. A worker that dies loses its lease.

    ``bulk``: only what is told to many, or only the rest; None for either.
    """
    within = {None: "", True: f"AND priority > {URGENT} ", False: f"AND priority <= {URGENT} "}[bulk]
    skip = "FOR UPDATE SKIP LOCKED" if is_postgres() else ""
    same_bot = "AND bot = $2" if bot else "AND CAST($2 AS TEXT) IS NULL"
    # Materialized: a plan that ran the subquery again for each row would take more than the limit.
    rows = await fetch(
        "WITH due AS MATERIALIZED (SELECT id FROM message WHERE channel = $1 "
        f"{same_bot} AND not_before <= $3 AND state = 'queued' {within}"
        f"ORDER BY priority, not_before, id LIMIT $4 {skip}) "
        "UPDATE message SET state = 'sending', tries = tries + 1, lease_until = $5, leased_by = $6 "
        "WHERE id IN (SELECT id FROM due) RETURNING *",
        channel,
        bot,
        now,
        limit,
        now + lease,
        worker,
    )
    rows.sort(key=lambda row: (row["priority"], row["id"]))
    return [_claimed(row) for row in rows]


def _claimed(row: dict[str, Any]) -> Claimed:
    return Claimed(
        id=row["id"],
        topic=row["topic"],
        channel=row["channel"],
        template=row["template"],
        language=row["language"],
        data=decoded(row["data"]),
        dedupe_key=row["dedupe_key"],
        tries=row["tries"],
        bot=row["bot"],
        chat_id=row["chat_id"],
        phone=row["phone"],
        customer_id=row["customer_id"],
        secret=row["secret"],
        edits_key=row["edits_key"],
        edits_message_id=row["edits_message_id"],
        notify_bot=row["notify_bot"],
        notify_chat_id=row["notify_chat_id"],
        not_after=moment_or_none(row["not_after"]),
        created_at=moment(row["created_at"]),
        worker=row["leased_by"],
        reason=row["reason"],
        priority=row["priority"],
        campaign_id=row["campaign_id"],
        gateway=row["gateway"],
    )


async def unclaim(channel: str, bot: str | None, *, worker: str, but: Collection[int]) -> None:
    """Give back what a claim took whose answer was lost: it was never sent. ``but``: what was at least tried."""
    same_bot = "AND bot = $3" if bot else "AND CAST($3 AS TEXT) IS NULL"
    tried = f"AND id NOT IN ({', '.join(str(int(each)) for each in but)})" if but else ""
    await fetch(
        "UPDATE message SET state = 'queued', tries = tries - 1, lease_until = NULL, leased_by = NULL "
        f"WHERE state = 'sending' AND leased_by = $1 AND channel = $2 {same_bot} {tried}",
        worker,
        channel,
        bot,
    )


async def abandoned(now: datetime) -> list[Claimed]:
    """Messages whose worker died while sending: nobody knows whether they left."""
    rows = await fetch(
        "SELECT * FROM message WHERE state = 'sending' AND lease_until <= $1 ORDER BY id LIMIT 100", now
    )
    return [_claimed(row) for row in rows]


async def begin_last_try(message: Claimed) -> None:
    """Note, before a doubtful message is sent again, that it was: after a crash it is not sent a third time."""
    await _begin(message, LAST_TRY)


async def begin_only_try(message: Claimed) -> bool:
    """Note that a message which may be sent once only is being sent; False when it must not be any more."""
    return await _begin(message, TRYING)


async def _begin(message: Claimed, reason: str) -> bool:
    rows = await fetch(
        "UPDATE message SET reason = $2 WHERE id = $1 AND leased_by = $3 AND state = 'sending' RETURNING id",
        message.id,
        reason,
        message.worker,
    )
    return bool(rows)


async def inherit(worker: str, now: datetime) -> None:
    """End the leases of other workers: whoever leads the sending takes over what they left. ``worker`` is what
    the names of this one's lanes begin with."""
    await fetch(
        "UPDATE message SET lease_until = $2 WHERE state = 'sending' AND lease_until > $2 "
        "AND substr(leased_by, 1, length(CAST($1 AS TEXT))) <> $1",
        worker,
        now,
    )


async def lost_sms(*, asked_after: datetime, since: datetime) -> list[Claimed]:
    """SMS whose fate is unknown and which are old enough to be asked for, and young enough to matter."""
    rows = await fetch(
        "SELECT * FROM message WHERE state = 'unknown' AND channel = 'sms' AND created_at < $1 "
        "AND created_at > $2 ORDER BY id LIMIT 20",
        asked_after,
        since,
    )
    return [_claimed(row) for row in rows]


async def target_of(dedupe_key: str) -> tuple[int, int] | None:
    """Chat and Telegram message of an earlier message, to rewrite it; None when it never left."""
    rows = await fetch(
        "SELECT chat_id, telegram_message_id FROM message WHERE dedupe_key = $1 "
        "AND telegram_message_id IS NOT NULL",
        dedupe_key,
    )
    return (rows[0]["chat_id"], rows[0]["telegram_message_id"]) if rows else None


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


async def suppress(dedupe_keys: Sequence[str], reason: str) -> None:
    """Keep messages that still wait from being sent; what is on its way can't be called back,
    but it and what may have arrived are at least not sent again."""
    if not dedupe_keys:
        return
    keys = ", ".join(f"${2 + index}" for index in range(len(dedupe_keys)))
    await fetch(
        "UPDATE message SET state = CASE state WHEN 'sending' THEN state ELSE 'suppressed' END, reason = $1, "
        "secret = CASE state WHEN 'sending' THEN secret END, not_after = not_before "
        f"WHERE dedupe_key IN ({keys}) AND state IN ('queued', 'unknown', 'sending')",
        reason,
        *dedupe_keys,
    )


async def suppress_queued(reason: str) -> None:
    """Keep everything that still waits from being sent."""
    await fetch(
        "UPDATE message SET state = 'suppressed', reason = $1, secret = NULL WHERE state = 'queued'", reason
    )


async def states(dedupe_keys: Sequence[str]) -> dict[str, str]:
    """What became of messages, by their dedupe keys."""
    if not dedupe_keys:
        return {}
    keys = ", ".join(f"${1 + index}" for index in range(len(dedupe_keys)))
    rows = await fetch(f"SELECT dedupe_key, state FROM message WHERE dedupe_key IN ({keys})", *dedupe_keys)
    return {row["dedupe_key"]: row["state"] for row in rows}
