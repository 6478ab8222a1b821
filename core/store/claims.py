"""Claiming messages of the outbox: what a worker may send now, and what one left that died."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.domain.topics import URGENT
from core.store.sql import decoded, fetch, is_postgres, moment, moment_or_none

FIRST_TRY, LAST_TRY, ONLY_TRY = "first_try", "last_try", "trying"
"""Reasons of a message that is with Telegram now: for the first time, once more after a doubtful try, and the only
time that it may be sent. One that was claimed and has none of them surely did not leave."""
DOUBTS = frozenset({"unknown", "worker_lost", LAST_TRY})
"""Reasons of a message that waits again although it may have arrived: it is sent once more at most."""
_LONGEST_WAIT = timedelta(days=30)
"""Of what was written earlier nothing is looked for: a campaign doesn't rest so long, and then goes on."""


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

    ``worker``: a name that no other claim has, or who stalled past a lease could not tell that it lost it.
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


async def unclaim(worker: str) -> None:
    """Give back what a claim took whose answer was lost: it was never sent. ``worker``: that claim's own name."""
    await fetch(
        "UPDATE message SET state = 'queued', tries = tries - 1, lease_until = NULL, leased_by = NULL "
        "WHERE state = 'sending' AND leased_by = $1",
        worker,
    )


async def take_over(worker: str, now: datetime, lease: timedelta) -> list[Claimed]:
    """Messages whose worker died while sending: nobody knows whether they left. They are ``worker``'s from now on,
    so that one which only stalled begins no try of them any more."""
    skip = "FOR UPDATE SKIP LOCKED" if is_postgres() else ""
    rows = await fetch(
        "WITH lost AS MATERIALIZED (SELECT id FROM message WHERE state = 'sending' AND lease_until <= $1 "
        f"ORDER BY lease_until, id LIMIT 100 {skip}) "
        "UPDATE message SET leased_by = $2, lease_until = $3 WHERE id IN (SELECT id FROM lost) RETURNING *",
        now,
        worker,
        now + lease,
    )
    return [_claimed(row) for row in sorted(rows, key=lambda row: int(row["id"]))]


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
    """SMS whose fate is unknown and which are old enough to be asked for, and young enough to matter: by when they
    were due, which may be days after they were written."""
    rows = await fetch(
        "SELECT * FROM message WHERE state = 'unknown' AND channel = 'sms' "
        "AND created_at < $1 AND not_before < $1 AND created_at > $3 "
        "AND (created_at > $2 OR not_before > $2) ORDER BY created_at, id LIMIT 20",
        asked_after,
        since,
        since - _LONGEST_WAIT,
    )
    return [_claimed(row) for row in rows]
