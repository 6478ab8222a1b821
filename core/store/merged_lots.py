"""Where the points of a customer's lots went when the customer became a part of another."""

from collections.abc import Sequence

from core.store.sql import fetch, placeholders

# ``core.merging.move_balance`` writes these keys: what is left of each lot, counted by their ids, comes in apart.
_FOLLOWERS = """
SELECT d.lot_id AS lot_id, l.id AS follower
FROM lot_draw d
JOIN ledger_entry o ON o.id = d.entry_id AND o.kind = 'adjustment' AND o.reason = 'merged_out'
JOIN ledger_entry i ON i.request_key = substr(o.request_key, 1, length(o.request_key) - 4) || ':in:' ||
    (SELECT count(*) FROM lot_draw e WHERE e.entry_id = d.entry_id AND e.lot_id < d.lot_id)
JOIN lot l ON l.entry_id = i.id
WHERE d.lot_id IN {keys}
"""


async def followers(lot_ids: Sequence[int]) -> dict[int, list[int]]:
    """The lots where the rest of these went, by the lots it left; merged more than once, one after the other."""
    found: dict[int, list[int]] = {}
    ends = {lot_id: lot_id for lot_id in lot_ids}
    while ends:
        keys = placeholders(1, len(ends))
        rows = await fetch(_FOLLOWERS.format(keys=keys), *ends)
        ends = {row["follower"]: ends[row["lot_id"]] for row in rows}
        for last, first in ends.items():
            found.setdefault(first, []).append(last)
    return found
