"""Files that were sent to be loaded, and their rows."""

import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

CHECKS = {
    ("import_file", "import_state"): "{row}state IN ('reading', 'ready', 'loading', 'loaded')",
    ("import_row", "import_row_kept"): "({row}checked IS NULL) <> ({row}problems IS NULL)",
}


async def add_guards(apps, schema_editor):
    client = schema_editor.client
    postgres = client.capabilities.dialect == "postgres"
    for (table, name), rule in CHECKS.items():
        for statement in _check(postgres, table, name, rule):
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


def _json(**how):
    return fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads, **how)


def _link(model, column):
    return fields.ForeignKeyField(
        f"core.{model}",
        source_field=column,
        db_constraint=True,
        to_field="id",
        related_name=False,
        on_delete=OnDelete.RESTRICT,
    )


class Migration(migrations.Migration):
    dependencies = [("core", "0006_visits")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ImportFile",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=24)),
                ("name", fields.CharField(max_length=128)),
                ("format", fields.CharField(max_length=8)),
                ("staff_member", _link("StaffMember", "staff_member_id")),
                ("branch", _link("Branch", "branch_id")),
                ("state", fields.CharField(max_length=12)),
                ("columns", _json()),
                ("ignored", _json()),
                ("added", fields.IntField(default=0, db_default=0)),
                ("changed", fields.IntField(default=0, db_default=0)),
                ("same", fields.IntField(default=0, db_default=0)),
                ("wrong", fields.IntField(default=0, db_default=0)),
                ("request_key", fields.CharField(unique=True, max_length=96)),
                ("created_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "import_file", "app": "core", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="ImportRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("file", _link("ImportFile", "file_id")),
                ("number", fields.IntField()),
                ("checked", _json(null=True)),
                ("problems", _json(null=True)),
            ],
            options={
                "table": "import_row",
                "app": "core",
                "unique_together": (("file_id", "number"),),
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.RunPython(add_guards, None),
    ]
