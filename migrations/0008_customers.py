"""Blocked and merged customers, since when a card is whose, lists that stay fast, and files of exports."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

# Lists go by code points, whatever the server's own order of letters: {c} is that order's name in PostgreSQL.
INDEXES = [
    'CREATE INDEX "customer_by_name" ON "customer" ("name_key"{c}, "id")',
    'CREATE INDEX "customer_by_name_tail" ON "customer" ("name_tail_key"{c}, "id") WHERE name_tail_key <> \'\'',
    'CREATE INDEX "customer_by_purchases" ON "customer" ("purchases", "id")',
    'CREATE INDEX "customer_by_sold" ON "customer" ("sold", "id")',
    'CREATE INDEX "customer_by_last_purchase" ON "customer" ("last_purchase_at", "id") '
    "WHERE last_purchase_at IS NOT NULL",
    'CREATE INDEX "customer_merged" ON "customer" ("merged_into_id") WHERE merged_into_id IS NOT NULL',
    'CREATE INDEX "card_by_status" ON "card" ("status", "number")',
]
_TAILS = 1000


async def add_indexes(apps, schema_editor):
    client = schema_editor.client
    collation = ' COLLATE "C"' if client.capabilities.dialect == "postgres" else ""
    for statement in INDEXES:
        await client.execute_script(statement.format(c=collation))


async def fill_in(apps, schema_editor):
    """Cards are their holders' since they were made, and names are found by their last word too."""
    client = schema_editor.client
    await client.execute_script("UPDATE card SET bound_at = created_at WHERE status = 'bound'")
    first, second = ("$1", "$2") if client.capabilities.dialect == "postgres" else ("?", "?")
    after = 0
    while True:
        rows = await client.execute_query_dict(
            f"SELECT id, name_key FROM customer WHERE id > {after} AND name_key LIKE '% %' "
            f"ORDER BY id LIMIT {_TAILS}"
        )
        if not rows:
            return
        tails = [(_tail(row["name_key"]), row["id"]) for row in rows]
        await client.execute_many(f"UPDATE customer SET name_tail_key = {first} WHERE id = {second}", tails)
        after = rows[-1]["id"]


def _tail(key):
    rest, _, last = key.rpartition(" ")
    return f"{last} {rest}"


class Migration(migrations.Migration):
    dependencies = [("core", "0007_imports")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ExportPart",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "job",
                    fields.ForeignKeyField(
                        "core.Job",
                        source_field="job_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("number", fields.IntField()),
                ("name", fields.CharField(max_length=32)),
                ("data", fields.TextField(unique=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "export_part",
                "app": "core",
                "unique_together": (("job_id", "number"),),
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.AddField(
            model_name="Card",
            name="bound_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Customer",
            name="blocked_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Customer",
            name="merged_into",
            field=fields.ForeignKeyField(
                "core.Customer",
                source_field="merged_into_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="Customer",
            name="name_tail_key",
            field=fields.CharField(default="", db_default="", max_length=64),
        ),
        ops.RunPython(add_indexes, None),
        ops.RunPython(fill_in, None),
    ]
