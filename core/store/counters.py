"""How many purchases of customers count towards the N-th free one. The customer is locked by the caller."""

from core.store.sql import fetch, fetch_one


async def counted(customer_id: int, category_id: int) -> int:
    """So many count; below zero when purchases were refunded that a gift had been given for."""
    found = await fetch_one(
        "SELECT counted - owed AS counted FROM purchase_counter WHERE customer_id = $1 AND category_id = $2",
        customer_id,
        category_id,
    )
    return int(found["counted"]) if found else 0


async def put(customer_id: int, category_id: int, counted: int) -> None:
    """Write how many count from now on."""
    await fetch(
        "INSERT INTO purchase_counter (customer_id, category_id, counted, owed) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (customer_id, category_id) DO UPDATE SET counted = excluded.counted, owed = excluded.owed",
        customer_id,
        category_id,
        max(0, counted),
        max(0, -counted),
    )
