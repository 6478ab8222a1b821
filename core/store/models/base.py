"""What every table has: a 64-bit key, and foreign keys that refuse to take rows with them."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class Row(Model):
    """A table's row with a 64-bit key."""

    id = fields.BigIntField(primary_key=True)

    class Meta:
        abstract = True


def link(model: str, **options: Any) -> Any:
    """A foreign key that is never cascaded."""
    return fields.ForeignKeyField(f"core.{model}", related_name=False, on_delete=fields.RESTRICT, **options)


def optional_link(model: str, **options: Any) -> Any:
    """A foreign key that may be empty, and is never cascaded."""
    return link(model, null=True, **options)
