"""Reading past purchases customer by customer, so that each batch stands alone and nothing is held in memory."""

from datetime import datetime

from core.domain.basket import basket_from_json, terms_from_json
from core.domain.ladder import Turnover
from core.domain.replay import Bought, Course
from core.store.sql import decoded, fetch, fetch_one, moment

_DONE = "status = 'completed' AND refunded < subtotal AND completed_at >= $1 AND completed_at <= $2"


async def count(since: datetime, until: datetime) -> int:
    """How many purchases there are to replay; those that were refunded whole are left out."""
    found = await fetch_one(f"SELECT count(*) AS n FROM purchase WHERE {_DONE}", since, until)
    return int(found["n"]) if found else 0


async def next_customers(after: int, since: datetime, until: datetime, purchases: int) -> list[int]:
    """The next customers by id, with about so many purchases in all; one with more comes alone."""
    # Nobody is among them without a purchase, so there are at most as many.
    rows = await fetch(
        f"SELECT customer_id, count(*) AS n FROM purchase WHERE customer_id > $3 AND {_DONE} "
        "GROUP BY customer_id ORDER BY customer_id LIMIT $4",
        since,
        until,
        after,
        purchases,
    )
    found: list[int] = []
    total = 0
    for row in rows:
        total += row["n"]
        if found and total > purchases:
            break
        found.append(row["customer_id"])
    return found


async def courses(first: int, last: int, since: datetime, until: datetime) -> list[Course]:
    """The purchases of customers by id, both ends included, with the turnover before them."""
    rows = await fetch(
        "SELECT customer_id, branch_id, completed_at, subtotal, discount, points, basket, terms, "
        f"COALESCE(paid, payable) AS paid FROM purchase WHERE customer_id >= $3 AND customer_id <= $4 AND {_DONE} "
        "ORDER BY customer_id, completed_at, id",
        since,
        until,
        first,
        last,
    )
    totals = await fetch("SELECT id, sold, paid, visits FROM customer WHERE id >= $1 AND id <= $2", first, last)
    by_customer: dict[int, list[Bought]] = {}
    for row in rows:
        bought = Bought(
            at=moment(row["completed_at"]),
            branch_id=row["branch_id"],
            basket=basket_from_json(decoded(row["basket"]), row["subtotal"]),
            terms=terms_from_json(decoded(row["terms"])),
            points=row["points"],
            sold=row["subtotal"] - row["discount"],
            paid=row["paid"],
        )
        by_customer.setdefault(row["customer_id"], []).append(bought)
    now = {row["id"]: Turnover(row["sold"], row["paid"], row["visits"]) for row in totals}
    return [Course(who, _before(now[who], bought), bought) for who, bought in by_customer.items()]


def _before(now: Turnover, bought: list[Bought]) -> Turnover:
    """The turnover before these purchases. Later refunds have lowered it, so it could come out below nothing."""
    return Turnover(
        max(0, now.sold - sum(one.sold for one in bought)),
        max(0, now.paid - sum(one.paid for one in bought)),
        max(0, now.visits - len(bought)),
    )


async def names(customer_ids: list[int]) -> dict[int, str | None]:
    """Customers' names by id."""
    if not customer_ids:
        return {}
    listed = ", ".join(str(int(each)) for each in customer_ids)
    rows = await fetch(f"SELECT id, name FROM customer WHERE id IN ({listed})")
    return {row["id"]: row["name"] for row in rows}
