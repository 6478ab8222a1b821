"""Long jobs and periodic ticks."""

import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

CHECKS = {
    ("job", "job_state"): (
        "{row}state IN ('queued', 'running', 'done', 'failed', 'cancelled') "
        "AND ({row}finished_at IS NULL) = ({row}state IN ('queued', 'running'))"
    ),
    ("job", "job_lease"): "({row}state = 'running') = ({row}lease_until IS NOT NULL)",
    ("job", "job_progress"): "{row}done >= 0 AND {row}tries >= 0 AND ({row}total IS NULL OR {row}total >= 0)",
}

INDEXES = ['CREATE INDEX "job_open" ON "job" ("not_before", "id") WHERE state IN (\'queued\', \'running\')']


async def add_guards(apps, schema_editor):
    client = schema_editor.client
    postgres = client.capabilities.dialect == "postgres"
    for (table, name), rule in CHECKS.items():
        for statement in _check(postgres, table, name, rule):
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


class Migration(migrations.Migration):
    dependencies = [("core", "0002_guards")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Job",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=48)),
                (
                    "input",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
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
                ("state", fields.CharField(max_length=12)),
                ("done", fields.BigIntField(default=0)),
                ("total", fields.BigIntField(null=True)),
                (
                    "cursor",
                    fields.JSONField(
                        null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("lease_owner", fields.CharField(null=True, max_length=64)),
                ("lease_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("not_before", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("tries", fields.IntField(default=0)),
                (
                    "result",
                    fields.JSONField(
                        null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("error", fields.CharField(null=True, max_length=96)),
                ("bot", fields.CharField(null=True, max_length=8)),
                ("chat_id", fields.BigIntField(null=True)),
                ("message_id", fields.BigIntField(null=True)),
                ("told_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("request_key", fields.CharField(unique=True, max_length=96)),
                ("input_hash", fields.CharField(max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("started_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("finished_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "job", "app": "core", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Tick",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=48)),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("lease_owner", fields.CharField(null=True, max_length=64)),
                ("lease_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("tries", fields.IntField(default=0)),
                ("error", fields.CharField(null=True, max_length=96)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("done_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "tick",
                "app": "core",
                "unique_together": (("name", "due_at"),),
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.RunPython(add_guards, None),
    ]
