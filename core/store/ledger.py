"""The writer of entries, lots and draws, one customer's at a time. Callers hold the customer's row lock.

Only the sweep of ``expiry`` writes besides: the entries of what expired, for many customers at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.account import Account
from core.domain.lots import Lot, Posting
from core.keyring import fingerprint
from core.store import expiry, merged_lots
from core.store.sql import fetch, moment, moment_or_none, placeholders


@dataclass(frozen=True, slots=True)
class Origin:
    """Where and by whom postings are made, for their entries."""

    now: datetime
    branch_id: int | None = None
    author_id: int | None = None


async def load_account(customer_id: int, debt: int, *, also: Sequence[int] = (), locked: bool = True) -> Account:
    """The customer's account with its open lots, and those of ``also`` even when they are empty, or the lots
    that their points moved to when customers were merged.

    Unlocked it is for looking only: a verb that posts must not rest on it.
    """
    for_update = " FOR UPDATE" if locked else ""
    followers = await merged_lots.followers(also)
    also = [*also, *(each for chain in followers.values() for each in chain)]
    wanted = ", ".join(f"${2 + index}" for index in range(len(also)))
    rows = await fetch(
        "SELECT id, entry_id, granted, remaining, activates_at, expires_at, rolling_days, created_at FROM lot "
        f"WHERE customer_id = $1 AND (remaining > 0{f' OR id IN ({wanted})' if also else ''}) "
        f"ORDER BY id{for_update}",
        customer_id,
        *also,
    )
    lots = [
        Lot(
            row["id"],
            row["granted"],
            row["remaining"],
            moment(row["activates_at"]),
            moment_or_none(row["expires_at"]),
            moment(row["created_at"]),
            row["entry_id"],
            rolling_days=row["rolling_days"],
        )
        for row in rows
    ]
    for lot_id, written in (await expiry.written_off(also)).items():
        for lot in lots:
            if lot.id == lot_id:
                lot.written_off = written
    mine = {lot.id for lot in lots}
    moved = await _moved([each for each in also if each not in mine])
    return Account(customer_id, debt, lots, moved=moved, followers=followers)


async def load_former(
    account: Account, lot_ids: Sequence[int], *, locked: bool = True
) -> dict[int, list[tuple[Account, int]]]:
    """The lots of customers who became a part of this one where points of ``lot_ids`` may have ended, with their
    accounts, the first lot first.

    ``lot_ids`` are among those that ``account`` was loaded with. Such customers are locked like the account's own.
    """
    chains = {lot_id: [lot_id, *account.followers.get(lot_id, ())] for lot_id in lot_ids}
    left = sorted({each for chain in chains.values() for each in chain if each in account.moved})
    if not left:
        return {}
    rows = await fetch(f"SELECT id, customer_id FROM lot WHERE id IN {placeholders(1, len(left))}", *left)
    owners = {row["id"]: row["customer_id"] for row in rows}
    accounts: dict[int, Account] = {}
    for owner in sorted(set(owners.values())):
        theirs = [each for each in left if owners[each] == owner]
        accounts[owner] = await load_account(owner, 0, also=theirs, locked=locked)
        accounts[owner].followers.clear()  # what is done there is done with what ended there
    return {
        first: [(accounts[owners[each]], each) for each in chain if each in owners]
        for first, chain in chains.items()
        if not owners.keys().isdisjoint(chain)
    }


async def _moved(lot_ids: Sequence[int]) -> dict[int, datetime | None]:
    """Until when lots of a merged customer were good."""
    if not lot_ids:
        return {}
    keys = ", ".join(f"${1 + index}" for index in range(len(lot_ids)))
    rows = await fetch(f"SELECT id, expires_at FROM lot WHERE id IN ({keys})", *lot_ids)
    return {row["id"]: moment_or_none(row["expires_at"]) for row in rows}


async def write(accounts: Sequence[Account], origin: Origin) -> None:
    """Write all postings of locked accounts in at most four statements.

    The debt is a column of the customer's row, which the caller updates together with its counters.
    """
    posted = [(account, posting) for account in accounts for posting in account.postings]
    if not posted:
        return
    entry_ids = await _write_entries(posted, origin)
    await _write_lots(posted, entry_ids, origin)
    await _update_lots(posted)
    await _write_draws(posted, entry_ids)
    for account in accounts:
        account.postings.clear()


async def roll(account: Account, now: datetime) -> None:
    """Let a purchase prolong the points that die of absence; one statement for each length of life."""
    for days in sorted({lot.rolling_days for lot in account.lots if lot.rolling_days and not lot.is_expired(now)}):
        await fetch(
            "UPDATE lot SET expires_at = $3 WHERE customer_id = $1 AND rolling_days = $2 AND remaining > 0 "
            "AND expires_at > $4 AND expires_at < $3",
            account.customer_id,
            days,
            now + timedelta(days=days),
            now,
        )


async def _write_entries(posted: Sequence[tuple[Account, Posting]], origin: Origin) -> dict[str, int]:
    values: list[object] = []
    for account, posting in posted:
        inputs = fingerprint(
            customer=account.customer_id,
            kind=posting.kind,
            points=posting.points,
            purchase=posting.purchase_id,
            reason=posting.reason,
        )
        values += [account.customer_id, posting.kind.value, posting.points, posting.debt_change]
        values += [posting.purchase_id, posting.reverses_id, origin.branch_id, origin.author_id]
        values += [posting.reason, posting.key, inputs, origin.now]
    rows = await fetch(
        "INSERT INTO ledger_entry (customer_id, kind, points, debt_change, purchase_id, reverses_id, "
        "branch_id, author_id, reason, request_key, input_hash, created_at) "
        f"VALUES {placeholders(len(posted), 12)} RETURNING id, request_key",
        *values,
    )
    return {row["request_key"]: row["id"] for row in rows}


async def _write_lots(
    posted: Sequence[tuple[Account, Posting]], entry_ids: dict[str, int], origin: Origin
) -> None:
    values: list[object] = []
    fresh: dict[int, Lot] = {}
    for account, posting in posted:
        if posting.lot is None:
            continue
        lot = posting.lot
        entry_id = entry_ids[posting.key]
        fresh[entry_id] = lot
        values += [account.customer_id, entry_id, lot.granted, lot.remaining]
        values += [lot.activates_at, lot.expires_at, lot.rolling_days, origin.now]
    if not fresh:
        return
    rows = await fetch(
        "INSERT INTO lot (customer_id, entry_id, granted, remaining, activates_at, expires_at, rolling_days, "
        f"created_at) VALUES {placeholders(len(fresh), 8)} RETURNING id, entry_id",
        *values,
    )
    for row in rows:
        lot = fresh[row["entry_id"]]
        lot.id, lot.entry_id = row["id"], row["entry_id"]


async def _update_lots(posted: Sequence[tuple[Account, Posting]]) -> None:
    """Set what is left in older lots (new ones were written with it)."""
    new = {id(posting.lot) for _, posting in posted if posting.lot}
    touched = {
        draw.lot.id: draw.lot
        for _, posting in posted
        for draw in posting.draws
        if id(draw.lot) not in new and draw.lot.id is not None
    }
    if not touched:
        return
    values: list[object] = []
    remaining, expires, wanted = [], [], []
    for lot_id, lot in touched.items():
        n = len(values)
        values += [lot_id, lot.remaining, lot.expires_at]
        key = f"CAST(${n + 1} AS BIGINT)"
        remaining.append(f"WHEN {key} THEN CAST(${n + 2} AS BIGINT)")
        # SQLite keeps moments as text and would read a number out of a cast one.
        expires.append(f"WHEN {key} THEN ${n + 3}")
        wanted.append(key)
    await fetch(
        f"UPDATE lot SET remaining = CASE id {' '.join(remaining)} END, "
        f"expires_at = CASE id {' '.join(expires)} ELSE expires_at END WHERE id IN ({', '.join(wanted)})",
        *values,
    )


async def _write_draws(posted: Sequence[tuple[Account, Posting]], entry_ids: dict[str, int]) -> None:
    values: list[object] = []
    count = 0
    for _, posting in posted:
        for draw in posting.draws:
            values += [entry_ids[posting.key], draw.lot.id, draw.points]
            count += 1
    if count:
        await fetch(
            f"INSERT INTO lot_draw (entry_id, lot_id, points) VALUES {placeholders(count, 3)}",
            *values,
        )
