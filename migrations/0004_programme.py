"""The programme, whole: catalogue, offers, visits, refunds, held accruals, and what sales keep of them."""

import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

CHECKS = {
    ("product", "product_price"): "{row}price IS NULL OR {row}price >= 0",
    ("promotion", "promotion_benefit"): (
        "{row}benefit IN ('factor', 'points', 'discount') AND {row}amount > 0 "
        "AND ({row}ends_at IS NULL OR {row}ends_at > {row}starts_at)"
    ),
    ("coupon_batch", "coupon_batch_benefit"): (
        "{row}benefit IN ('factor', 'points', 'discount') AND {row}amount > 0 AND {row}limit_customer > 0 "
        "AND ({row}ends_at IS NULL OR {row}ends_at > {row}starts_at)"
    ),
    ("coupon_batch", "coupon_batch_uses"): (
        "{row}uses >= 0 AND ({row}limit_total IS NULL OR {row}uses <= {row}limit_total)"
    ),
    ("coupon", "coupon_uses"): "{row}uses >= 0 AND ({row}limit_total IS NULL OR {row}uses <= {row}limit_total)",
    ("gift_exchange", "gift_exchange_status"): (
        "{row}points > 0 AND {row}status IN ('waiting', 'done', 'cancelled')"
    ),
    ("visit", "visit_status"): "{row}status IN ('expected', 'came', 'no_show')",
    ("customer_category", "customer_category_source"): "{row}source IN ('rule', 'hand')",
    ("purchase_counter", "purchase_counter_counted"): "{row}counted >= 0",
    ("purchase_payment", "purchase_payment_amount"): "{row}amount > 0",
    ("refund", "refund_sums"): (
        "{row}amount > 0 AND {row}money >= 0 AND {row}returned >= 0 AND {row}taken_back >= 0"
    ),
    ("refund_line", "refund_line_amount"): "{row}amount > 0",
    ("held_accrual", "held_accrual_status"): "{row}points > 0 AND {row}status IN ('waiting', 'given', 'refused')",
    ("manual_points", "manual_points_status"): (
        "{row}points <> 0 AND {row}status IN ('waiting', 'done', 'refused')"
    ),
    ("purchase", "purchase_refunded"): (
        "{row}refunded >= 0 AND {row}refunded <= {row}subtotal AND {row}returned_points >= 0 "
        "AND ({row}returned_points <= {row}points) AND {row}taken_back >= 0 "
        "AND ({row}paid IS NULL OR ({row}paid >= 0 AND {row}paid <= {row}payable))"
    ),
    ("purchase_line", "purchase_line_refunded"): "{row}refunded >= 0 AND {row}refunded <= {row}amount",
    ("customer", "customer_visits"): "{row}visits >= 0 AND {row}rule_discount >= 0",
    (
        "customer",
        "customer_importance",
    ): "{row}importance IS NULL OR {row}importance IN ('bronze', 'silver', 'gold')",
}

APPEND_ONLY = ["refund", "refund_line", "purchase_payment"]

NEVER_DELETED = ["coupon_use", "gift_exchange", "held_accrual", "manual_points", "visit"]

INDEXES = [
    # A unique foreign key is not made unique by the migration that creates its table.
    'CREATE UNIQUE INDEX "visit_purchase" ON "visit" ("purchase_id") WHERE purchase_id IS NOT NULL',
    'CREATE UNIQUE INDEX "held_accrual_purchase" ON "held_accrual" ("purchase_id")',
    'CREATE UNIQUE INDEX "coupon_use_standing" ON "coupon_use" ("purchase_id") WHERE returned_at IS NULL',
    'CREATE UNIQUE INDEX "purchase_receipt" ON "purchase" ("branch_id", "receipt_day", "receipt_number") '
    "WHERE receipt_number IS NOT NULL AND status = 'completed'",
    'CREATE INDEX "customer_last_visit" ON "customer" ("last_visit_at") WHERE last_visit_at IS NOT NULL',
    'CREATE INDEX "promotion_on" ON "promotion" ("starts_at") WHERE is_on',
]


async def add_guards(apps, schema_editor):
    client = schema_editor.client
    postgres = client.capabilities.dialect == "postgres"
    for (table, name), rule in CHECKS.items():
        for statement in _check(postgres, table, name, rule):
            await client.execute_script(statement)
    for table in APPEND_ONLY:
        for statement in _frozen(postgres, table, ("UPDATE", "DELETE")):
            await client.execute_script(statement)
    for table in NEVER_DELETED:
        for statement in _frozen(postgres, table, ("DELETE",)):
            await client.execute_script(statement)
    for statement in INDEXES:
        await client.execute_script(statement)


def _check(postgres, table, name, rule):
    if postgres:
        return [f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" CHECK ({rule.format(row="")})']
    broken = f"NOT ({rule.format(row='NEW.')})"
    return [
        f'CREATE TRIGGER "{name}_{event.lower()}" BEFORE {event} ON "{table}" WHEN {broken} '
        f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {name}'); END"
        for event in ("INSERT", "UPDATE")
    ]


def _frozen(postgres, table, events):
    if postgres:
        yield (
            f'CREATE TRIGGER "{table}_frozen" BEFORE {" OR ".join(events)} ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION kopilka_append_only()"
        )
        yield (
            f'CREATE TRIGGER "{table}_kept" BEFORE TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION kopilka_append_only()"
        )
        return
    for event in events:
        yield (
            f'CREATE TRIGGER "{table}_frozen_{event.lower()}" BEFORE {event} ON "{table}" '
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


class Migration(migrations.Migration):
    dependencies = [("core", "0003_jobs")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AuditHead",
            fields=[
                ("log", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=8)),
                ("audit_row_id", fields.BigIntField()),
                ("hash", fields.CharField(max_length=64)),
            ],
            options={"table": "audit_head", "app": "core", "pk_attr": "log"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CouponBatch",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=64)),
                ("benefit", fields.CharField(max_length=16)),
                ("amount", fields.BigIntField()),
                ("min_purchase", fields.BigIntField(default=0)),
                ("limit_total", fields.IntField(null=True)),
                ("limit_customer", fields.IntField(default=1)),
                ("uses", fields.IntField(default=0)),
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("is_on", fields.BooleanField(default=True)),
                (
                    "author",
                    fields.ForeignKeyField(
                        "core.StaffMember",
                        source_field="author_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "coupon_batch", "app": "core", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Coupon",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "batch",
                    fields.ForeignKeyField(
                        "core.CouponBatch",
                        source_field="batch_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("code", fields.CharField(unique=True, max_length=24)),
                ("limit_total", fields.IntField(null=True)),
                ("uses", fields.IntField(default=0)),
            ],
            options={"table": "coupon", "app": "core", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="CouponUse",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "coupon",
                    fields.ForeignKeyField(
                        "core.Coupon",
                        source_field="coupon_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "core.Customer",
                        source_field="customer_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "purchase",
                    fields.ForeignKeyField(
                        "core.Purchase",
                        source_field="purchase_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("used_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("returned_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "coupon_use", "app": "core", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="CustomerCategory",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "core.Customer",
                        source_field="customer_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name", fields.CharField(max_length=32)),
                ("source", fields.CharField(max_length=8)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "customer_category",
                "app": "core",
                "unique_together": (("customer_id", "name"),),
                "indexes": [Index(fields=["name", "customer_id"])],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="GiftExchange",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "core.Customer",
                        source_field="customer_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "branch",
                    fields.ForeignKeyField(
                        "core.Branch",
                        source_field="branch_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "staff_member",
                    fields.ForeignKeyField(
                        "core.StaffMember",
                        source_field="staff_member_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("title", fields.CharField(max_length=64)),
                ("points", fields.BigIntField()),
                ("status", fields.CharField(max_length=16)),
                ("chat_id", fields.BigIntField(null=True)),
                ("message_id", fields.BigIntField(null=True)),
                ("request_key", fields.CharField(unique=True, max_length=96)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("confirm_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "gift_exchange",
                "app": "core",
                "indexes": [Index(fields=["branch_id", "created_at"])],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="HeldAccrual",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "purchase",
                    fields.ForeignKeyField(
                        "core.Purchase",
                        source_field="purchase_id",
                        unique=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "core.Customer",
                        source_field="customer_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "branch",
                    fields.ForeignKeyField(
                        "core.Branch",
                        source_field="branch_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("points", fields.BigIntField()),
                ("reason", fields.CharField(max_length=16)),
                ("status", fields.CharField(max_length=16)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "decided_by",
                    fields.ForeignKeyField(
                        "core.StaffMember",
                        source_field="decided_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "held_accrual",
                "app": "core",
                "indexes": [Index(fields=["status", "branch_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="ManualPoints",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "core.Customer",
                        source_field="customer_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "branch",
                    fields.ForeignKeyField(
                        "core.Branch",
                        source_field="branch_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("points", fields.BigIntField()),
                ("reason", fields.CharField(max_length=200)),
                ("status", fields.CharField(max_length=16)),
                (
                    "asked_by",
                    fields.ForeignKeyField(
                        "core.StaffMember",
                        source_field="asked_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "decided_by",
                    fields.ForeignKeyField(
                        "core.StaffMember",
                        source_field="decided_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("request_key", fields.CharField(unique=True, max_length=96)),
                ("input_hash", fields.CharField(max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "manual_points",
                "app": "core",
                "indexes": [Index(fields=["status", "branch_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="ProductCategory",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=64)),
                ("name_key", fields.CharField(unique=True, max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "product_category", "app": "core", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Product",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("article", fields.CharField(null=True, unique=True, max_length=64)),
                ("barcode", fields.CharField(null=True, db_index=True, max_length=32)),
                ("name", fields.CharField(max_length=128)),
                ("name_key", fields.CharField(db_index=True, max_length=128)),
                (
                    "category",
                    fields.ForeignKeyField(
                        "core.ProductCategory",
                        source_field="category_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("price", fields.BigIntField(null=True)),
                ("is_sold", fields.BooleanField(default=True)),
                ("changed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "product", "app": "core", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Promotion",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=64)),
                ("benefit", fields.CharField(max_length=16)),
                ("amount", fields.BigIntField()),
                (
                    "conditions",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("is_on", fields.BooleanField(default=True)),
                (
                    "author",
                    fields.ForeignKeyField(
                        "core.StaffMember",
                        source_field="author_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "promotion", "app": "core", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="PurchaseCounter",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "core.Customer",
                        source_field="customer_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("category_id", fields.BigIntField()),
                ("counted", fields.IntField()),
            ],
            options={
                "table": "purchase_counter",
                "app": "core",
                "unique_together": (("customer_id", "category_id"),),
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="PurchasePayment",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "purchase",
                    fields.ForeignKeyField(
                        "core.Purchase",
                        source_field="purchase_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("method", fields.CharField(max_length=16)),
                ("amount", fields.BigIntField()),
                ("paid_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "purchase_payment", "app": "core", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Refund",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "purchase",
                    fields.ForeignKeyField(
                        "core.Purchase",
                        source_field="purchase_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "branch",
                    fields.ForeignKeyField(
                        "core.Branch",
                        source_field="branch_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "staff_member",
                    fields.ForeignKeyField(
                        "core.StaffMember",
                        source_field="staff_member_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("amount", fields.BigIntField()),
                ("money", fields.BigIntField()),
                ("returned", fields.BigIntField()),
                ("taken_back", fields.BigIntField()),
                ("reason", fields.CharField(null=True, max_length=64)),
                ("request_key", fields.CharField(unique=True, max_length=96)),
                ("input_hash", fields.CharField(max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "refund",
                "app": "core",
                "indexes": [Index(fields=["branch_id", "created_at"])],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="RefundLine",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "refund",
                    fields.ForeignKeyField(
                        "core.Refund",
                        source_field="refund_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "line",
                    fields.ForeignKeyField(
                        "core.PurchaseLine",
                        source_field="line_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("amount", fields.BigIntField()),
            ],
            options={"table": "refund_line", "app": "core", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Visit",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "core.Customer",
                        source_field="customer_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "branch",
                    fields.ForeignKeyField(
                        "core.Branch",
                        source_field="branch_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "staff_member",
                    fields.ForeignKeyField(
                        "core.StaffMember",
                        source_field="staff_member_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "purchase",
                    fields.ForeignKeyField(
                        "core.Purchase",
                        source_field="purchase_id",
                        null=True,
                        unique=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("status", fields.CharField(max_length=16)),
                ("expected_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("request_key", fields.CharField(unique=True, max_length=96)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "visit",
                "app": "core",
                "indexes": [
                    Index(fields=["branch_id", "expected_at"]),
                    Index(fields=["customer_id", "expected_at"]),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.AddField(
            model_name="AuditRow",
            name="hash",
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name="Customer",
            name="importance",
            field=fields.CharField(null=True, max_length=8),
        ),
        ops.AddField(
            model_name="Customer",
            name="last_visit_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Customer",
            name="level",
            field=fields.CharField(null=True, max_length=32),
        ),
        ops.AddField(
            model_name="Customer",
            name="rule_discount",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Customer",
            name="visits",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Lot",
            name="rolling_days",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="Purchase",
            name="basket",
            field=fields.JSONField(
                null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
            ),
        ),
        ops.AddField(
            model_name="Purchase",
            name="discount_source",
            field=fields.CharField(null=True, max_length=16),
        ),
        ops.AddField(
            model_name="Purchase",
            name="paid",
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name="Purchase",
            name="receipt_day",
            field=fields.DateField(null=True),
        ),
        ops.AddField(
            model_name="Purchase",
            name="receipt_number",
            field=fields.CharField(null=True, max_length=32),
        ),
        ops.AddField(
            model_name="Purchase",
            name="refunded",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Purchase",
            name="returned_points",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Purchase",
            name="sale_type",
            field=fields.CharField(null=True, max_length=16),
        ),
        ops.AddField(
            model_name="Purchase",
            name="taken_back",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Purchase",
            name="terms",
            field=fields.JSONField(
                null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
            ),
        ),
        ops.AddField(
            model_name="PurchaseLine",
            name="product",
            field=fields.ForeignKeyField(
                "core.Product",
                source_field="product_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="PurchaseLine",
            name="quantity",
            field=fields.BigIntField(default=1000, db_default=1000),
        ),
        ops.AddField(
            model_name="PurchaseLine",
            name="refunded",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.RunPython(add_guards, None),
    ]
