"""What promotions and coupons gave in which purchase, what coupons ask of a receipt, and making each once."""

import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

INDEXES = [
    'CREATE UNIQUE INDEX "promotion_use_purchase" ON "promotion_use" ("promotion_id", "purchase_id")',
    'CREATE UNIQUE INDEX "promotion_request" ON "promotion" ("request_key") WHERE request_key IS NOT NULL',
    'CREATE UNIQUE INDEX "coupon_batch_request" ON "coupon_batch" ("request_key") WHERE request_key IS NOT NULL',
    'CREATE INDEX "coupon_batch_on" ON "coupon_batch" ("starts_at") WHERE is_on',
    'CREATE INDEX "coupon_use_customer" ON "coupon_use" ("customer_id", "coupon_id") WHERE returned_at IS NULL',
]


async def add_indexes(apps, schema_editor):
    for statement in INDEXES:
        await schema_editor.client.execute_script(statement)


def _link(model, column, **more):
    return fields.ForeignKeyField(
        f"core.{model}",
        source_field=column,
        db_constraint=True,
        to_field="id",
        related_name=False,
        on_delete=OnDelete.RESTRICT,
        **more,
    )


class Migration(migrations.Migration):
    dependencies = [("core", "0008_customers")]

    initial = False

    operations = [
        ops.CreateModel(
            name="PromotionUse",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("promotion", _link("Promotion", "promotion_id")),
                ("customer", _link("Customer", "customer_id")),
                ("purchase", _link("Purchase", "purchase_id", db_index=True)),
                ("discount", fields.BigIntField(default=0, db_default=0)),
                ("points", fields.BigIntField(default=0, db_default=0)),
                ("used_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "promotion_use", "app": "core", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.AddField(
            model_name="Promotion",
            name="request_key",
            field=fields.CharField(null=True, max_length=96),
        ),
        ops.AddField(
            model_name="CouponBatch",
            name="request_key",
            field=fields.CharField(null=True, max_length=96),
        ),
        ops.AddField(
            model_name="CouponBatch",
            name="conditions",
            field=fields.JSONField(
                encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads, null=True
            ),
        ),
        ops.AddField(
            model_name="CouponUse",
            name="discount",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="CouponUse",
            name="points",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.RunPython(add_indexes, None),
    ]
