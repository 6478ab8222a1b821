"""Products and their categories."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from core.domain.catalogue import Category, Product, name_key
from core.store.sql import fetch, fetch_one, placeholders

_SELECT = (
    "SELECT p.id, p.article, p.barcode, p.name, p.category_id, c.name AS category, p.price, p.is_sold "
    "FROM product p LEFT JOIN product_category c ON c.id = p.category_id "
)
COLUMNS = ("article", "barcode", "name", "category_id", "price", "is_sold")


def _product(row: dict[str, Any]) -> Product:
    return Product(**(row | {"is_sold": bool(row["is_sold"])}))


async def get(product_id: int) -> Product | None:
    found = await fetch_one(f"{_SELECT} WHERE p.id = $1", product_id)
    return _product(found) if found else None


async def get_many(ids: Collection[int]) -> dict[int, Product]:
    """Products by id; those that are not there are missing."""
    if not ids:
        return {}
    keys = ", ".join(f"${1 + index}" for index in range(len(ids)))
    return {row["id"]: _product(row) for row in await fetch(f"{_SELECT} WHERE p.id IN ({keys})", *ids)}


async def by_articles(articles: Sequence[str]) -> dict[str, Product]:
    """Products by article."""
    if not articles:
        return {}
    keys = ", ".join(f"${1 + index}" for index in range(len(articles)))
    rows = await fetch(f"{_SELECT} WHERE p.article IN ({keys})", *articles)
    return {row["article"]: _product(row) for row in rows}


async def by_code(code: str) -> list[Product]:
    """Products that are sold and have this barcode, or else this article."""
    rows = await fetch(f"{_SELECT} WHERE p.barcode = $1 AND p.is_sold ORDER BY p.name_key LIMIT 20", code)
    rows = rows or await fetch(f"{_SELECT} WHERE p.article = $1 AND p.is_sold", code)
    return [_product(row) for row in rows]


async def page(
    offset: int, limit: int, *, search: str = "", category_id: int | None = None, sold_only: bool = False
) -> tuple[list[Product], int]:
    """Products by name, and how many there are. ``search`` is looked for in names, articles and barcodes;
    category 0 are those without one."""
    conditions, values = ["1 = 1"], []
    for word in name_key(search).split():
        values.append("%" + "".join(f"\\{each}" if each in "%_\\" else each for each in word) + "%")
        sign = f"LIKE ${len(values)} ESCAPE '\\'"
        conditions.append(f"(p.name_key {sign} OR lower(p.article) {sign} OR lower(p.barcode) {sign})")
    if category_id == 0:
        conditions.append("p.category_id IS NULL")
    elif category_id is not None:
        values.append(category_id)  # type: ignore[arg-type]
        conditions.append(f"p.category_id = ${len(values)}")
    if sold_only:
        conditions.append("p.is_sold")
    where = " AND ".join(conditions)
    total = await fetch_one(f"SELECT count(*) AS n FROM product p WHERE {where}", *values)
    rows = await fetch(
        f"{_SELECT} WHERE {where} ORDER BY p.name_key, p.id LIMIT {int(limit)} OFFSET {int(offset)}", *values
    )
    return [_product(row) for row in rows], int(total["n"]) if total else 0


async def add(values: dict[str, Any], now: datetime) -> tuple[Product, bool]:
    """A new product; one that has its article already is returned as it is, with False."""
    made = await fetch(
        "INSERT INTO product (article, barcode, name, name_key, category_id, price, is_sold, changed_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (article) DO NOTHING RETURNING id",
        *(values[name] for name in ("article", "barcode", "name")),
        name_key(values["name"]),
        *(values[name] for name in ("category_id", "price", "is_sold")),
        now,
    )
    return (await by_articles([values["article"]]))[values["article"]], bool(made)


async def change(product_id: int, changes: dict[str, Any], now: datetime) -> None:
    """Change columns of a product."""
    values = changes | ({"name_key": name_key(changes["name"])} if "name" in changes else {})
    sets = ", ".join(f"{name} = ${2 + place}" for place, name in enumerate(values))
    last = 2 + len(values)
    await fetch(
        f"UPDATE product SET {sets}, changed_at = ${last} WHERE id = $1", product_id, *values.values(), now
    )


async def put_many(rows: Sequence[dict[str, Any]], now: datetime) -> None:
    """Write products by article, new or known; each row holds all of COLUMNS."""
    if not rows:
        return
    names = (*COLUMNS, "name_key", "changed_at")
    values = [value for row in rows for value in (*(row[name] for name in COLUMNS), name_key(row["name"]), now)]
    sets = ", ".join(f"{name} = excluded.{name}" for name in names if name != "article")
    await fetch(
        f"INSERT INTO product ({', '.join(names)}) VALUES {placeholders(len(rows), len(names))} "
        f"ON CONFLICT (article) DO UPDATE SET {sets}",
        *values,
    )


async def categories() -> list[Category]:
    """All categories by name, with how many products they hold."""
    rows = await fetch(
        "SELECT c.id, c.name, (SELECT count(*) FROM product p WHERE p.category_id = c.id) AS products "
        "FROM product_category c ORDER BY c.name_key"
    )
    return [Category(row["id"], row["name"], int(row["products"])) for row in rows]


async def ensure_categories(names: Collection[str], now: datetime) -> dict[str, int]:
    """Ids of categories by ``name_key``; those that are missing are made."""
    wanted = {name_key(name): name for name in names}
    if not wanted:
        return {}
    keys = ", ".join(f"${1 + place}" for place in range(len(wanted)))
    select = f"SELECT id, name_key FROM product_category WHERE name_key IN ({keys})"
    found = {row["name_key"]: row["id"] for row in await fetch(select, *wanted)}
    missing = [key for key in sorted(wanted) if key not in found]
    if missing:
        values = [value for key in missing for value in (wanted[key], key, now)]
        await fetch(
            f"INSERT INTO product_category (name, name_key, created_at) VALUES {placeholders(len(missing), 3)} "
            "ON CONFLICT (name_key) DO NOTHING",
            *values,
        )
        found = {row["name_key"]: row["id"] for row in await fetch(select, *wanted)}
    return found


async def rename_category(category_id: int, name: str) -> None:
    await fetch(
        "UPDATE product_category SET name = $2, name_key = $3 WHERE id = $1", category_id, name, name_key(name)
    )


async def delete_category(category_id: int) -> None:
    """One without products; its name is free again."""
    await fetch("DELETE FROM product_category WHERE id = $1", category_id)
