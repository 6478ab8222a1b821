"""What tests of the verbs share: short ways to buy, to look, to read codes, and to see the raw tables."""

import itertools
import json
from typing import Any

from core.actors import CustomerActor, StaffActor
from core.services import Services
from core.store.sql import fetch, is_postgres

_numbers = itertools.count(1)


def fresh_key(prefix: str = "key") -> str:
    """A request key that nobody used."""
    return f"{prefix}:{next(_numbers)}"


def actor_of(customer_id: int, telegram_id: int = 1) -> CustomerActor:
    return CustomerActor(customer_id, telegram_id, "ru", None)


async def buy(core: Services, cashier: StaffActor, customer_id: int, total: int) -> int:
    """A completed purchase without points; returns its id."""
    sale = await core.till.open_sale(cashier, customer_id, total, key=fresh_key("buy"))
    done = await core.till.accrue(cashier, sale.purchase_id)
    assert done.status == "completed"
    return done.purchase_id


async def points_of(core: Services, customer_id: int) -> int:
    """What the customer may spend now, in hundredths."""
    return (await core.balances.open(actor_of(customer_id))).points


async def promo_code(core: Services, customer_id: int) -> str:
    return (await core.referrals.invitation(actor_of(customer_id))).promo_code


async def one(statement: str, *values: Any) -> Any:
    """The only value of the only row."""
    rows = await fetch(statement, *values)
    assert len(rows) == 1, rows
    (value,) = rows[0].values()
    return value


async def sent_code(core: Services, code_id: int) -> str:
    """The digits of a code as the outbox would send them."""
    sealed = await one("SELECT secret FROM message WHERE dedupe_key = $1", f"code:{code_id}")
    return str(core.deps.keys.unseal(sealed)["code"])


async def table_names() -> list[str]:
    rows = await fetch(
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
        if is_postgres()
        else "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return sorted(row["name"] for row in rows)


async def dump() -> dict[str, str]:
    """Every table's rows as text, to be compared or searched."""
    whole = {}
    for table in await table_names():
        rows = await fetch(f'SELECT * FROM "{table}"')
        whole[table] = "\n".join(sorted(json.dumps(row, default=str, ensure_ascii=False) for row in rows))
    return whole
