"""What the tables are, for copying the whole database: columns, kinds, and an order that keys allow."""

import graphlib
from dataclasses import dataclass
from typing import Any

from tortoise import fields
from tortoise.models import Model

from core.store import models

_KINDS: tuple[tuple[type[Any], str], ...] = (
    (fields.DatetimeField, "moment"),
    (fields.DateField, "date"),
    (fields.JSONField, "json"),
    (fields.BooleanField, "bool"),
)
PASSING = frozenset({"lease", "bot_pace", "shown_code", "export_part"})
"""Tables of what is worth nothing in a copy: who works on what, codes that live for two minutes, files made."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table. ``columns`` pairs names with kinds: moment, date, json, bool, or plain for numbers and texts.

    ``key`` is the primary key; ``numbered`` says that the database makes it.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    key: str
    numbered: bool


def tables() -> list[Table]:
    """Every table of the product, each after those that its keys lead to. The database must be open."""
    found: list[type[Model]] = [getattr(models, name) for name in models.__all__]
    by_name = {model._meta.db_table: model for model in found}
    leads_to = {name: _leads_to(model) - {name} for name, model in by_name.items()}
    return [_table(by_name[name]) for name in graphlib.TopologicalSorter(leads_to).static_order()]


def _leads_to(model: type[Model]) -> set[str]:
    related: list[Any] = [model._meta.fields_map[name] for name in model._meta.fk_fields]
    return {each.related_model._meta.db_table for each in related}


def _table(model: type[Model]) -> Table:
    meta = model._meta
    columns = tuple((column, _kind(meta.fields_map[name])) for name, column in meta.fields_db_projection.items())
    return Table(meta.db_table, columns, meta.db_pk_column, bool(meta.pk.generated))


def _kind(field: object) -> str:
    return next((kind for of, kind in _KINDS if isinstance(field, of)), "plain")
