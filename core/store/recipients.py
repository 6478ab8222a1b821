"""A campaign's recipients: choosing them, their turn in the outbox, and what they bought."""

import json
from collections.abc import Sequence
from datetime import datetime

from core.domain.effects import Group
from core.domain.segments import Segment
from core.store.campaigns import CampaignRow
from core.store.segments import CHAT, CONTROL, Ways, where
from core.store.sql import fetch, fetch_one

NEVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
"""What of a paused campaign waits in the outbox waits until then."""


# --- recipients ---------------------------------------------------------------------------------------
async def end_of_portion(after: int, size: int) -> int | None:
    """The last of the next ``size`` customers by id; None when there is none left."""
    found = await fetch_one(
        "SELECT max(id) AS id FROM (SELECT id FROM customer WHERE id > $1 ORDER BY id LIMIT $2) portion",
        after,
        size,
    )
    return found["id"] if found else None


async def choose(row: CampaignRow, segment: Segment, ways: Ways, after: int, until: int, now: datetime) -> None:
    """Write the recipients among the customers with after < id <= until, in one statement.

    Recipients are those who can be told when they are chosen. Of them, whom the hash of the campaign's salt
    keeps out is the control group: both groups are alike.
    """
    it = where(segment, row.branch_id, now, first=4)
    control = CONTROL.format(salt=int(row.salt), share=int(row.control_share))
    await fetch(
        "INSERT INTO campaign_recipient (campaign_id, customer_id, is_control) "
        f"SELECT CAST($1 AS BIGINT), c.id, {control} FROM customer c {CHAT} "
        f"WHERE c.id > $2 AND c.id <= $3 AND {ways.reached} AND {it.sql} ORDER BY c.id "
        "ON CONFLICT (campaign_id, customer_id) DO NOTHING",
        row.id,
        after,
        until,
        *it.values,
    )


async def how_many(campaign_id: int) -> tuple[int, int]:
    """Recipients to be told, and those kept out."""
    return await _by_group("WHERE campaign_id = $1", campaign_id)


async def waiting(campaign_id: int) -> tuple[int, int]:
    """Recipients whose turn has not come: to be told, and kept out."""
    return await _by_group("WHERE campaign_id = $1 AND taken_at IS NULL", campaign_id)


async def _by_group(which: str, campaign_id: int) -> tuple[int, int]:
    rows = await fetch(
        f"SELECT is_control, count(*) AS n FROM campaign_recipient {which} GROUP BY is_control", campaign_id
    )
    found = {bool(row["is_control"]): int(row["n"]) for row in rows}
    return found.get(False, 0), found.get(True, 0)


_TURN = (
    "SELECT r.id FROM campaign_recipient r JOIN customer c ON c.id = r.customer_id "
    "WHERE r.campaign_id = {campaign} AND r.taken_at IS NULL {waits}ORDER BY r.id LIMIT {limit}"
)
_MESSAGES = (
    "INSERT INTO message (topic, channel, wanted, template, language, dedupe_key, priority, data, bot, "
    "chat_id, phone, customer_id, campaign_id, not_before, state, tries, created_at) "
    "SELECT 'campaign', m.channel, m.channel, 'campaign', m.language, 'campaign:' || m.campaign_id || ':' || "
    "m.customer_id, 90, $1, CASE m.channel WHEN 'telegram' THEN 'customer' END, "
    "CASE m.channel WHEN 'telegram' THEN m.telegram_id END, CASE m.channel WHEN 'sms' THEN m.phone END, "
    "m.customer_id, m.campaign_id, $2, 'queued', 0, $2 FROM ("
    "SELECT r.id, r.campaign_id, r.customer_id, c.language, c.phone, t.telegram_id, {channel} AS channel "
    f"FROM campaign_recipient r JOIN customer c ON c.id = r.customer_id {CHAT} "
    "WHERE r.campaign_id = {campaign} AND r.id BETWEEN $3 AND $4 AND r.taken_at = $2 "
    "AND NOT r.is_control AND c.status = 'active') m "
    "WHERE m.channel IS NOT NULL ORDER BY m.id ON CONFLICT (dedupe_key) DO NOTHING"
)
"""One message a recipient whose turn has come now ($2), by the channel that reaches them; $1 is its data, $3 to $4
are the recipients."""


async def take(
    row: CampaignRow,
    limit: int,
    ways: Ways,
    *,
    resting: Sequence[int],
    nobodys_rest: bool,
    now: datetime,
    counts_until: datetime,
) -> None:
    """Let the next recipients' turn come: write their messages and mark them, in the transaction at hand.

    They are marked first, so that both statements mean the same ones whatever becomes of a customer between them.
    The channel is chosen anew: who blocked the bot since gets an SMS if the campaign has any, else nothing.
    Customers of ``resting`` branches (and with ``nobodys_rest`` those of none) wait: it is night there.
    """
    rest = [f"c.branch_id NOT IN ({', '.join(str(int(each)) for each in resting)})"] if resting else []
    rest = [f"(c.branch_id IS NULL OR {rest[0]})"] if rest else []
    rest += ["c.branch_id IS NOT NULL"] if nobodys_rest else []
    waits = "".join(f"AND {each} " for each in rest)
    turn = _TURN.format(campaign=int(row.id), waits=waits, limit=int(limit))
    rows = await fetch(
        f"UPDATE campaign_recipient SET taken_at = $1, counts_until = $2 WHERE id IN ({turn}) RETURNING id",
        now,
        counts_until,
    )
    if rows:
        messages = _MESSAGES.format(campaign=int(row.id), channel=ways.channel)
        ids = [each["id"] for each in rows]
        await fetch(messages, json.dumps({"campaign_id": row.id}), now, min(ids), max(ids))


# --- the outbox ---------------------------------------------------------------------------------------
async def outcomes(campaign_id: int) -> dict[tuple[str, str | None], int]:
    """How many of the campaign's messages stand where: by state and reason."""
    rows = await fetch(
        "SELECT state, CASE WHEN state IN ('failed', 'suppressed') THEN reason END AS reason, count(*) AS n "
        "FROM message WHERE campaign_id = $1 GROUP BY 1, 2",
        campaign_id,
    )
    return {(row["state"], row["reason"]): int(row["n"]) for row in rows}


async def in_the_outbox(campaign_id: int) -> int:
    """How many messages wait or are on their way."""
    found = await fetch_one(
        "SELECT count(*) AS n FROM message WHERE campaign_id = $1 AND state IN ('queued', 'sending')", campaign_id
    )
    return int(found["n"]) if found else 0


async def park(campaign_id: int) -> None:
    """Let what waits in the outbox wait on."""
    await fetch(
        "UPDATE message SET not_before = $2 WHERE campaign_id = $1 AND state = 'queued'", campaign_id, NEVER
    )


async def unpark(campaign_id: int, now: datetime) -> None:
    """Let what waits in the outbox go."""
    await fetch(
        "UPDATE message SET not_before = $2 WHERE campaign_id = $1 AND state = 'queued' AND not_before > $2",
        campaign_id,
        now,
    )


async def drop_queued(campaign_id: int) -> None:
    """Keep what waits in the outbox from being sent."""
    await fetch(
        "UPDATE message SET state = 'suppressed', reason = 'stopped' WHERE campaign_id = $1 AND state = 'queued'",
        campaign_id,
    )


async def sms_spent(campaign_id: int) -> tuple[int, int]:
    """SMS parts and their cost (minor units) so far."""
    found = await fetch_one(
        "SELECT COALESCE(sum(parts), 0) AS parts, COALESCE(sum(cost), 0) AS cost FROM message "
        "WHERE campaign_id = $1 AND channel = 'sms'",
        campaign_id,
    )
    return (int(found["parts"]), int(found["cost"])) if found else (0, 0)


# --- two customers who are one person -----------------------------------------------------------------
async def take_over(other_id: int, kept_id: int) -> None:
    """The other lives on in the kept customer, who is told once of each campaign, and kept out of those that the
    other was kept out of unless they were recipients themselves."""
    waited = await fetch(
        "UPDATE message SET state = 'suppressed', reason = 'gone' WHERE customer_id = $1 AND state = 'queued' "
        "AND campaign_id IS NOT NULL RETURNING campaign_id",
        other_id,
    )
    again = {int(row["campaign_id"]) for row in waited}
    for campaign_id in sorted(again):
        await fetch(
            "UPDATE campaign_recipient SET taken_at = NULL, counts_until = NULL "
            "WHERE campaign_id = $1 AND customer_id = $2",
            campaign_id,
            other_id,
        )
    await fetch(
        "UPDATE campaign_recipient AS kept SET taken_at = other.taken_at, counts_until = other.counts_until "
        "FROM campaign_recipient AS other WHERE other.campaign_id = kept.campaign_id AND other.customer_id = $1 "
        "AND kept.customer_id = $2 AND kept.taken_at IS NULL AND other.taken_at IS NOT NULL "
        "AND EXISTS (SELECT 1 FROM message m WHERE m.customer_id = $1 AND m.campaign_id = other.campaign_id "
        "AND m.state IN ('sending', 'sent', 'delivered', 'unknown'))",
        other_id,
        kept_id,
    )
    await fetch(
        "UPDATE campaign_recipient SET customer_id = $2 WHERE customer_id = $1 AND NOT EXISTS ("
        "SELECT 1 FROM campaign_recipient kept WHERE kept.campaign_id = campaign_recipient.campaign_id "
        "AND kept.customer_id = $2)",
        other_id,
        kept_id,
    )


# --- what it changed ----------------------------------------------------------------------------------
async def bought(campaign_id: int, now: datetime) -> tuple[Group, Group]:
    """What those whose turn came have bought since: the told, and the control group. Refunds are taken off."""
    rows = await fetch(
        "SELECT is_control, count(*) AS people, sum(CASE WHEN n > 0 THEN 1 ELSE 0 END) AS buyers, "
        "sum(total) AS total, sum(CAST(total AS DOUBLE PRECISION) * total) AS squares FROM ("
        "SELECT r.id, r.is_control, count(p.id) AS n, COALESCE(sum(p.subtotal - p.discount - "
        "CASE WHEN p.refunded > 0 THEN (SELECT COALESCE(sum(f.sold), 0) FROM refund f WHERE f.purchase_id = p.id) "
        "ELSE 0 END), 0) AS total FROM campaign_recipient r LEFT JOIN purchase p ON p.customer_id = r.customer_id "
        "AND p.status = 'completed' AND p.completed_at >= r.taken_at AND p.completed_at < r.counts_until "
        "AND p.completed_at <= $2 AND p.refunded < p.subtotal "
        "WHERE r.campaign_id = $1 AND r.taken_at IS NOT NULL GROUP BY r.id, r.is_control) each_one "
        "GROUP BY is_control",
        campaign_id,
        now,
    )
    groups = {
        bool(row["is_control"]): Group(
            int(row["people"]), int(row["buyers"]), int(row["total"]), float(row["squares"])
        )
        for row in rows
    }
    nobody = Group(0, 0, 0, 0.0)
    return groups.get(False, nobody), groups.get(True, nobody)
