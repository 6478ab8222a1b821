"""Products from files, and back into them: the same columns both ways."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from core.domain.catalogue import (
    LONGEST_ARTICLE,
    LONGEST_CATEGORY,
    LONGEST_NAME,
    Product,
    barcode,
    name_key,
    price,
    words,
    yes_or_no,
)
from core.import_kinds import ADDED, CHANGED, SAME, Column, ImportKind, Loader, Outcome, said
from core.store import catalogue

KIND = "products"
COLUMNS = (
    Column(
        "article",
        {"ru": "Артикул", "en": "Article"},
        {"ru": f"до {LONGEST_ARTICLE} знаков", "en": f"up to {LONGEST_ARTICLE} characters"},
        partial(words, longest=LONGEST_ARTICLE),
        ("sku", "код", "код товара", "артикул товара", "item code", "vendor code"),
        required=True,
        unique=True,
    ),
    Column(
        "barcode",
        {"ru": "Штрихкод", "en": "Barcode"},
        {"ru": "от 4 до 32 цифр и латинских букв", "en": "4 to 32 digits and Latin letters"},
        barcode,
        ("штрих код", "шк", "ean", "ean13", "ean 13", "gtin", "bar code"),
    ),
    Column(
        "name",
        {"ru": "Название", "en": "Name"},
        {"ru": f"название до {LONGEST_NAME} знаков", "en": f"a name of up to {LONGEST_NAME} characters"},
        partial(words, longest=LONGEST_NAME),
        ("наименование", "товар", "наименование товара", "название товара", "title", "product", "product name"),
        required=True,
    ),
    Column(
        "category",
        {"ru": "Категория", "en": "Category"},
        {"ru": f"до {LONGEST_CATEGORY} знаков", "en": f"up to {LONGEST_CATEGORY} characters"},
        partial(words, longest=LONGEST_CATEGORY),
        ("группа", "раздел", "категория товара", "группа товаров", "group"),
    ),
    Column(
        "price",
        {"ru": "Цена", "en": "Price"},
        {"ru": "цена от 0 до 100 000 000, например 149,90", "en": "a price from 0 to 100,000,000, such as 149.90"},
        price,
        ("стоимость", "цена руб", "цена р", "цена продажи", "розничная цена", "cost", "retail price"),
    ),
    Column(
        "is_sold",
        {"ru": "Продаётся", "en": "Sold"},
        {"ru": "да или нет", "en": "yes or no"},
        yes_or_no,
        ("в продаже", "активен", "активный", "active", "on sale", "available"),
    ),
)


def products_kind() -> ImportKind:
    """Products by article: new ones are added, known ones take what the file says."""
    return ImportKind(KIND, COLUMNS, _compare, _apply)


async def _compare(rows: Sequence[dict[str, Any]], by: Loader) -> Sequence[Outcome]:
    known = await catalogue.by_articles([row["article"] for row in rows])
    return [_outcome(row, known.get(row["article"])) for row in rows]


async def _apply(rows: Sequence[dict[str, Any]], by: Loader) -> Sequence[Outcome]:
    known = await catalogue.by_articles([row["article"] for row in rows])
    groups = await catalogue.ensure_categories({row["category"] for row in rows if row.get("category")}, by.now)
    outcomes = [_outcome(row, known.get(row["article"])) for row in rows]
    changed = [
        _whole(row, known.get(row["article"]), groups)
        for row, outcome in zip(rows, outcomes, strict=True)
        if outcome != SAME
    ]
    await catalogue.put_many(changed, by.now)
    return outcomes


def _outcome(row: dict[str, Any], known: Product | None) -> Outcome:
    if known is None:
        return ADDED
    return SAME if all(_is(known, name, value) for name, value in row.items()) else CHANGED


def _is(known: Product, name: str, value: Any) -> bool:
    if name == "category":
        return name_key(known.category or "") == name_key(value or "")
    if name == "is_sold" and value is None:
        return True
    return bool(getattr(known, name) == value)


def _whole(row: dict[str, Any], known: Product | None, groups: dict[str, int]) -> dict[str, Any]:
    """The row with what the file leaves out: as it was, or as new products are."""
    empty: dict[str, Any] = {"barcode": None, "category_id": None, "price": None, "is_sold": True}
    base = empty if known is None else {name: getattr(known, name) for name in empty}
    given = {name: value for name, value in row.items() if name != "category"}
    if given.get("is_sold", True) is None:
        del given["is_sold"]
    if "category" in row:
        given["category_id"] = groups[name_key(row["category"])] if row["category"] else None
    return base | given


def table(products: Sequence[Product], language: str, yes: str, no: str) -> list[list[str]]:
    """Products as a table that can be loaded again."""
    rows = [[said(column.title, language) for column in COLUMNS]]
    for each in products:
        cost = "" if each.price is None else f"{each.price // 100},{each.price % 100:02}"
        sold = yes if each.is_sold else no
        rows.append([each.article or "", each.barcode or "", each.name, each.category or "", cost, sold])
    return rows
