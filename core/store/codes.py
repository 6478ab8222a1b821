"""Verification codes: counting, writing, and the try that is used up before it is compared."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.store.sql import fetch, fetch_one, is_postgres, moment, moment_or_none


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code or proof."""

    id: int
    purpose: str
    subject: str
    method: str
    phone: str
    code_hash: str | None
    tries_left: int
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    killed_at: datetime | None
    spent_at: datetime | None
    last_key: str | None
    request_key: str
    input_hash: str


_MOMENTS = ("expires_at", "used_at", "killed_at", "spent_at")


def _row(found: dict[str, Any]) -> CodeRow:
    values = {name: found[name] for name in CodeRow.__slots__ if name not in _MOMENTS}
    values["created_at"] = moment(found["created_at"])
    values["expires_at"] = moment(found["expires_at"])
    for name in _MOMENTS[1:]:
        values[name] = moment_or_none(found[name])
    return CodeRow(**values)


async def queue_up() -> None:
    """Let requests for codes pass one by one, so that limits hold exactly under a race.

    SQLite's write lock already does that.
    """
    if is_postgres():
        await fetch("SELECT pg_advisory_xact_lock(hashtext('kopilka:codes'))")


async def by_request(request_key: str) -> CodeRow | None:
    found = await fetch_one("SELECT * FROM verification_code WHERE request_key = $1", request_key)
    return _row(found) if found else None


async def newest(purpose: str, subject: str, *, locked: bool = False) -> CodeRow | None:
    """The newest code of a purpose and subject, dead or alive."""
    for_update = " FOR UPDATE" if locked else ""
    found = await fetch_one(
        "SELECT * FROM verification_code WHERE purpose = $1 AND subject = $2 "
        f"ORDER BY id DESC LIMIT 1{for_update}",
        purpose,
        subject,
    )
    return _row(found) if found else None


async def last_sent(phone: str, purpose: str) -> datetime | None:
    found = await fetch_one(
        "SELECT max(created_at) AS at FROM verification_code WHERE phone = $1 AND purpose = $2 AND method = 'sms'",
        phone,
        purpose,
    )
    return moment_or_none(found["at"]) if found else None


async def counts(
    phone: str, staff_member_id: int | None, subject: str, since: datetime
) -> tuple[int, int, int, int]:
    """Codes sent since then: to the phone, by the staff member, for the subject, by the merchant."""
    found = await fetch_one(
        "SELECT count(*) AS merchant, "
        "COALESCE(sum(CASE WHEN phone = $1 THEN 1 ELSE 0 END), 0) AS phone, "
        "COALESCE(sum(CASE WHEN staff_member_id = CAST($2 AS BIGINT) THEN 1 ELSE 0 END), 0) AS member, "
        "COALESCE(sum(CASE WHEN subject = $3 THEN 1 ELSE 0 END), 0) AS subject "
        "FROM verification_code WHERE method = 'sms' AND created_at > $4",
        phone,
        staff_member_id,
        subject,
        since,
    )
    row = found or {"phone": 0, "member": 0, "subject": 0, "merchant": 0}
    return int(row["phone"]), int(row["member"]), int(row["subject"]), int(row["merchant"])


async def kill_live(purpose: str, subject: str, now: datetime) -> list[int]:
    """End what is still live of a purpose and subject; returns the ids."""
    rows = await fetch(
        "UPDATE verification_code SET killed_at = $3 WHERE purpose = $1 AND subject = $2 "
        "AND used_at IS NULL AND killed_at IS NULL RETURNING id",
        purpose,
        subject,
        now,
    )
    return [int(row["id"]) for row in rows]


async def insert(
    *,
    purpose: str,
    subject: str,
    method: str,
    phone: str,
    code_hash: str | None,
    staff_member_id: int | None,
    tries_left: int,
    expires_at: datetime,
    used_at: datetime | None,
    request_key: str,
    input_hash: str,
    now: datetime,
) -> int:
    rows = await fetch(
        "INSERT INTO verification_code (purpose, subject, method, phone, code_hash, staff_member_id, "
        "tries_left, created_at, expires_at, used_at, request_key, input_hash) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id",
        purpose,
        subject,
        method,
        phone,
        code_hash,
        staff_member_id,
        tries_left,
        now,
        expires_at,
        used_at,
        request_key,
        input_hash,
    )
    return int(rows[0]["id"])


async def use_try(code_id: int, request_key: str, now: datetime) -> CodeRow | None:
    """Use up a try of a live code, before anything is compared; None when none is left."""
    rows = await fetch(
        "UPDATE verification_code SET tries_left = tries_left - 1, last_key = $3 WHERE id = $1 "
        "AND tries_left > 0 AND used_at IS NULL AND killed_at IS NULL AND expires_at > $2 RETURNING *",
        code_id,
        now,
        request_key,
    )
    return _row(rows[0]) if rows else None


async def mark_used(code_id: int, now: datetime) -> None:
    await fetch("UPDATE verification_code SET used_at = $2 WHERE id = $1", code_id, now)


async def mark_killed(code_id: int, now: datetime) -> None:
    await fetch("UPDATE verification_code SET killed_at = $2 WHERE id = $1", code_id, now)


async def spend_proof(code_id: int, now: datetime) -> CodeRow | None:
    """The proof, taken so that nothing else can rest on it; None when it was taken before."""
    rows = await fetch(
        "UPDATE verification_code SET spent_at = $2 WHERE id = $1 AND used_at IS NOT NULL "
        "AND spent_at IS NULL RETURNING *",
        code_id,
        now,
    )
    return _row(rows[0]) if rows else None


async def get(code_id: int) -> CodeRow | None:
    found = await fetch_one("SELECT * FROM verification_code WHERE id = $1", code_id)
    return _row(found) if found else None
