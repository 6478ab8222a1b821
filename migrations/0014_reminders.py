"""Reminders that were found and are not told yet, and finding what expired lately."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

INDEXES = ['CREATE INDEX "ledger_entry_expiries" ON "ledger_entry" ("created_at") WHERE kind = \'expiry\'']


async def add_indexes(apps, schema_editor):
    for statement in INDEXES:
        await schema_editor.client.execute_script(statement)


def _moment():
    return fields.DatetimeField(auto_now=False, auto_now_add=False)


class Migration(migrations.Migration):
    dependencies = [("core", "0013_sms")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ReminderDue",
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
                ("kind", fields.CharField(max_length=16)),
                ("points", fields.BigIntField()),
                ("first_at", _moment()),
                ("last_at", _moment()),
                ("step", fields.IntField(default=0, db_default=0)),
                ("not_before", _moment()),
                ("found_at", _moment()),
            ],
            options={
                "table": "reminder_due",
                "app": "core",
                "unique_together": (("customer_id", "kind"),),
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.RunPython(add_indexes, None),
    ]
