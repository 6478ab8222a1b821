"""The table of campaigns: drafts, where they stand, their pictures."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.segments import Segment
from core.store.segments import CHAT, Ways, where
from core.store.sql import decoded, fetch, fetch_one, moment_or_none


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign as it stands. See models.campaigns.Campaign for the fields."""

    id: int
    branch_id: int | None
    author_id: int
    state: str
    reason: str | None
    segment: dict[str, Any]
    body: str | None
    photo: str | None
    button_label: str | None
    button_link: str | None
    by_sms: bool
    control_share: int
    salt: int
    result_days: int
    starts_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    chosen: int
    controls: int
    chat_id: int | None
    message_id: int | None
    told: str | None
    told_at: datetime | None
    created_at: datetime | None


_MOMENTS = ("starts_at", "started_at", "finished_at", "told_at", "created_at")


def _row(found: dict[str, Any]) -> CampaignRow:
    values = {name: found[name] for name in CampaignRow.__slots__}
    values |= {name: moment_or_none(values[name]) for name in _MOMENTS}
    values |= {"segment": decoded(values["segment"]), "by_sms": bool(values["by_sms"])}
    return CampaignRow(**values)


async def insert(
    *,
    branch_id: int | None,
    author_id: int,
    salt: int,
    result_days: int,
    segment: dict[str, Any],
    request_key: str,
    now: datetime,
) -> int:
    """A new draft, or the one that the same key made before."""
    rows = await fetch(
        "INSERT INTO campaign (branch_id, author_id, state, segment, by_sms, control_share, salt, result_days, "
        "chosen, controls, request_key, created_at) VALUES ($1, $2, 'draft', $7, $8, 0, $3, $4, 0, 0, $5, $6) "
        "ON CONFLICT (request_key) DO UPDATE SET request_key = excluded.request_key RETURNING id",
        branch_id,
        author_id,
        salt,
        result_days,
        request_key,
        now,
        json.dumps(segment, ensure_ascii=False),
        False,
    )
    return int(rows[0]["id"])


async def get(campaign_id: int, *, locked: bool = False) -> CampaignRow | None:
    for_update = " FOR UPDATE" if locked else ""
    found = await fetch_one(f"SELECT * FROM campaign WHERE id = $1{for_update}", campaign_id)
    return _row(found) if found else None


async def drafts_of(author_id: int) -> list[CampaignRow]:
    """An author's drafts, newest first."""
    rows = await fetch(
        "SELECT * FROM campaign WHERE author_id = $1 AND state = 'draft' ORDER BY id DESC", author_id
    )
    return [_row(row) for row in rows]


async def newest(branch_id: int | None, offset: int, limit: int) -> list[CampaignRow]:
    """The newest campaigns, all of them or a branch's own."""
    branch = "" if branch_id is None else "WHERE branch_id = $3"
    given = () if branch_id is None else (branch_id,)
    rows = await fetch(
        f"SELECT * FROM campaign {branch} ORDER BY id DESC LIMIT $1 OFFSET $2", limit, offset, *given
    )
    return [_row(row) for row in rows]


async def open_ones() -> list[CampaignRow]:
    """Those that are being sent."""
    return [_row(row) for row in await fetch("SELECT * FROM campaign WHERE state = 'sending' ORDER BY id")]


async def stopped_since(moment: datetime) -> list[int]:
    """Those that were stopped after that moment."""
    rows = await fetch("SELECT id FROM campaign WHERE state = 'stopped' AND finished_at > $1 ORDER BY id", moment)
    return [int(row["id"]) for row in rows]


_EDITABLE = frozenset(
    {"state", "reason", "segment", "body", "photo", "button_label", "button_link", "by_sms", "control_share"}
    | {"result_days", "starts_at", "started_at", "finished_at", "chosen", "controls", "chat_id", "message_id"}
    | {"told", "told_at", "author_id"}
)


async def update(campaign_id: int, **changes: Any) -> None:
    """Change columns of a campaign in one statement."""
    if not changes.keys() <= _EDITABLE:
        raise ValueError("not a column that may change")
    if "segment" in changes:
        changes["segment"] = json.dumps(changes["segment"], ensure_ascii=False)
    parts = ", ".join(f"{column} = ${2 + index}" for index, column in enumerate(changes))
    await fetch(f"UPDATE campaign SET {parts} WHERE id = $1", campaign_id, *changes.values())


async def delete_draft(campaign_id: int) -> None:
    """Take a draft away with its picture; anything else stays."""
    await fetch("DELETE FROM campaign_picture WHERE campaign_id = $1", campaign_id)
    await fetch("DELETE FROM campaign WHERE id = $1 AND state = 'draft'", campaign_id)


# --- the picture --------------------------------------------------------------------------------------
async def set_picture(campaign_id: int, content: str | None) -> None:
    """Keep a picture (Base64) instead of the one there was, or none."""
    await fetch("DELETE FROM campaign_picture WHERE campaign_id = $1", campaign_id)
    if content is not None:
        await fetch("INSERT INTO campaign_picture (campaign_id, content) VALUES ($1, $2)", campaign_id, content)


async def picture_file(campaign_id: int) -> str | None:
    """The picture's file id in the customer bot, once it was sent there."""
    found = await fetch_one("SELECT file_id FROM campaign_picture WHERE campaign_id = $1", campaign_id)
    return found["file_id"] if found else None


async def picture(campaign_id: int) -> str | None:
    found = await fetch_one("SELECT content FROM campaign_picture WHERE campaign_id = $1", campaign_id)
    return found["content"] if found else None


async def note_picture_file(campaign_id: int, file_id: str) -> None:
    await fetch("UPDATE campaign_picture SET file_id = $2 WHERE campaign_id = $1", campaign_id, file_id)


# --- whom a text is written to ------------------------------------------------------------------------
async def somebody(row: CampaignRow, segment: Segment, ways: Ways, now: datetime) -> tuple[int, str] | None:
    """The first customer of a segment who can be told, with a name if there is such a one: id and language."""
    it = where(segment, row.branch_id, now)
    for named in ("c.name IS NOT NULL AND ", ""):
        found = await fetch_one(
            f"SELECT c.id, c.language FROM customer c {CHAT} WHERE {named}{ways.reached} AND {it.sql} "
            "ORDER BY c.id LIMIT 1",
            *it.values,
        )
        if found:
            return int(found["id"]), found["language"]
    return None


async def testers(branch_id: int | None) -> list[int]:
    """Chats in the customer bot of staff members (of a branch, or all) who have it open: twenty at most."""
    branch = "" if branch_id is None else "AND (s.branch_id = $1 OR s.role = 'owner')"
    rows = await fetch(
        "SELECT DISTINCT t.telegram_id FROM telegram_identity w JOIN staff_member s ON s.id = w.staff_member_id "
        "AND s.status = 'active' JOIN telegram_identity t ON t.bot = 'customer' "
        "AND t.telegram_id = w.telegram_id AND t.blocked_at IS NULL "
        f"WHERE w.bot = 'staff' {branch} ORDER BY t.telegram_id LIMIT 20",
        *(() if branch_id is None else (branch_id,)),
    )
    return [int(row["telegram_id"]) for row in rows]
