"""Money for SMS by day, stops of codes, the state of gateways, and alerts to the owner."""

import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

INDEXES = [
    # A report names a message by its number at the gateway; only those without an end are looked for.
    'CREATE INDEX "message_reported" ON "message" ("provider_id") WHERE channel = \'sms\' AND state = \'sent\'',
    # What was sent lately, for the owner's figures.
    'CREATE INDEX "message_sent" ON "message" ("sent_at") WHERE sent_at IS NOT NULL',
    'CREATE INDEX "message_waiting" ON "message" ("not_before") WHERE state = \'queued\' AND priority < 90',
    'CREATE INDEX "owner_alert_open" ON "owner_alert" ("began_at") WHERE ended_at IS NULL',
]


async def add_indexes(apps, schema_editor):
    for statement in INDEXES:
        await schema_editor.client.execute_script(statement)


def _moment(**options):
    return fields.DatetimeField(auto_now=False, auto_now_add=False, **options)


def _name(length):
    return fields.CharField(primary_key=True, unique=True, db_index=True, max_length=length)


class Migration(migrations.Migration):
    dependencies = [("core", "0012_texts")]

    initial = False

    operations = [
        ops.AddField(model_name="Message", name="cost_day", field=fields.DateField(null=True)),
        ops.CreateModel(
            name="SmsDay",
            fields=[
                ("day", fields.DateField(primary_key=True, unique=True, db_index=True)),
                ("spent", fields.BigIntField()),
            ],
            options={"table": "sms_day", "app": "core", "pk_attr": "day"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SmsStop",
            fields=[("origin", _name(8)), ("stopped_at", _moment()), ("resumed_at", _moment(null=True))],
            options={"table": "sms_stop", "app": "core", "pk_attr": "origin"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SmsGatewayState",
            fields=[
                ("name", _name(16)),
                ("down_since", _moment(null=True)),
                ("reason", fields.CharField(null=True, max_length=32)),
                ("balance", fields.BigIntField(null=True)),
                ("balance_at", _moment(null=True)),
            ],
            options={"table": "sms_gateway", "app": "core", "pk_attr": "name"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OwnerAlert",
            fields=[
                ("kind", _name(48)),
                ("data", fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)),
                ("began_at", _moment()),
                ("ended_at", _moment(null=True)),
                ("told_at", _moment(null=True)),
            ],
            options={"table": "owner_alert", "app": "core", "pk_attr": "kind"},
            bases=["Model"],
        ),
        ops.RunPython(add_indexes, None),
    ]
