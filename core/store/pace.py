"""Turns over all processes: one row a bot, or a bot's chat (``bot:chat``), says when its next message may go."""

from core.store.sql import fetch, fetch_one, is_postgres

# The database's own clock: machines need not agree on the time.
_POSTGRES_NOW = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"
_SQLITE_NOW = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"


def _dialect() -> tuple[str, str]:
    return (_POSTGRES_NOW, "GREATEST") if is_postgres() else (_SQLITE_NOW, "max")


async def take_turn(bot: str, *, every_ms: int, burst: int, within_ms: int) -> tuple[int, bool]:
    """Milliseconds until the bot's next turn, and whether it was taken: not if it is farther than ``within_ms``.

    In any stretch of time there are at most ``burst`` turns more than one in every ``every_ms``.
    """
    now, greatest = _dialect()
    ahead = (burst - 1) * every_ms
    rows = await fetch(
        f"INSERT INTO bot_pace (bot, next_at) VALUES ($1, {now} + CAST($2 AS BIGINT)) ON CONFLICT (bot) DO UPDATE "
        f"SET next_at = {greatest}(bot_pace.next_at, {now}) + CAST($2 AS BIGINT) "
        f"WHERE bot_pace.next_at - {now} <= CAST($3 AS BIGINT) "
        f"RETURNING next_at - CAST($2 AS BIGINT) - {now} AS wait",
        bot,
        every_ms,
        within_ms + ahead,
    )
    if rows:
        return max(0, int(rows[0]["wait"]) - ahead), True
    found = await fetch_one(f"SELECT next_at - {now} AS wait FROM bot_pace WHERE bot = $1", bot)
    return max(0, int(found["wait"]) - ahead) if found else 0, False


async def pause(bot: str, *, every_ms: int, burst: int, pause_ms: int) -> None:
    """Give no turn for so long; a pause is never shortened."""
    now, greatest = _dialect()
    await fetch(
        f"INSERT INTO bot_pace (bot, next_at) VALUES ($1, {now} + CAST($2 AS BIGINT)) ON CONFLICT (bot) DO UPDATE "
        f"SET next_at = {greatest}(bot_pace.next_at, excluded.next_at)",
        bot,
        pause_ms + (burst - 1) * every_ms,
    )


async def forget() -> int:
    """Drop the turns of chats that were over an hour ago; how many."""
    now, _ = _dialect()
    hour_ago = f"{now} - 3600000"
    rows = await fetch(f"DELETE FROM bot_pace WHERE bot LIKE '%:%' AND next_at < {hour_ago} RETURNING bot")
    return len(rows)
