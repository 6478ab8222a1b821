"""Products and their categories."""

from tortoise import fields

from core.store.models.base import Row, optional_link


class ProductCategory(Row):
    """A group of products. ``name_key`` makes names unique whatever their case."""

    name = fields.CharField(64)
    name_key = fields.CharField(64, unique=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "product_category"


class Product(Row):
    """Something sold. ``price`` in minor units, None when it is typed at the till."""

    article = fields.CharField(64, null=True, unique=True)
    barcode = fields.CharField(32, null=True, db_index=True)
    name = fields.CharField(128)
    name_key = fields.CharField(128, db_index=True)
    category = optional_link("ProductCategory", db_index=True)
    category_id: int | None
    price = fields.BigIntField(null=True)
    is_sold = fields.BooleanField(default=True)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "product"
