"""The merchant's own texts, and finding consents that were just withdrawn."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

INDEXES = ['CREATE INDEX "consent_withdrawn" ON "consent" ("created_at") WHERE NOT granted']


async def add_indexes(apps, schema_editor):
    for statement in INDEXES:
        await schema_editor.client.execute_script(statement)


class Migration(migrations.Migration):
    dependencies = [("core", "0011_campaigns")]

    initial = False

    operations = [
        ops.CreateModel(
            name="MessageText",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("template", fields.CharField(max_length=64)),
                ("language", fields.CharField(max_length=2)),
                ("channel", fields.CharField(max_length=8)),
                ("body", fields.TextField(null=True, unique=False)),
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
            options={
                "table": "message_text",
                "app": "core",
                "indexes": [Index(fields=("template", "language", "channel", "id"))],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.RunPython(add_indexes, None),
    ]
