"""Campaigns and SMS statuses of messages, marks of what was told, and the bots' pace over all processes."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

INDEXES = [
    'CREATE INDEX "message_campaign" ON "message" ("campaign_id", "state") WHERE campaign_id IS NOT NULL',
    'CREATE INDEX "message_asked" ON "message" ("sent_at") WHERE channel = \'sms\' AND state = \'sent\'',
    'CREATE INDEX "lot_activating" ON "lot" ("activates_at") WHERE remaining > 0',
    'CREATE INDEX "customer_by_last_visit" ON "customer" ("last_visit_at") WHERE rule_discount > 0',
]


async def add_indexes(apps, schema_editor):
    for statement in INDEXES:
        await schema_editor.client.execute_script(statement)


def _customer():
    return fields.ForeignKeyField(
        "core.Customer",
        source_field="customer_id",
        db_constraint=True,
        to_field="id",
        related_name=False,
        on_delete=OnDelete.RESTRICT,
    )


def _moment(**options):
    return fields.DatetimeField(auto_now=False, auto_now_add=False, **options)


def _key():
    return ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True))


class Migration(migrations.Migration):
    dependencies = [("core", "0009_offers")]

    initial = False

    operations = [
        ops.AddField(model_name="Message", name="campaign_id", field=fields.BigIntField(null=True)),
        ops.AddField(model_name="Message", name="wanted", field=fields.CharField(null=True, max_length=8)),
        ops.AddField(model_name="Message", name="gateway", field=fields.CharField(null=True, max_length=16)),
        ops.AddField(model_name="Message", name="delivered_at", field=_moment(null=True)),
        ops.AddField(model_name="Message", name="asked_at", field=_moment(null=True)),
        ops.CreateModel(
            name="ReminderMark",
            fields=[
                _key(),
                ("customer", _customer()),
                ("kind", fields.CharField(max_length=24)),
                ("until", _moment()),
                ("step", fields.IntField(default=0, db_default=0)),
                ("noted_at", _moment()),
            ],
            options={
                "table": "reminder_mark",
                "app": "core",
                "unique_together": (("customer_id", "kind"),),
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="MarketingTold",
            fields=[
                _key(),
                ("customer", _customer()),
                ("message_id", fields.BigIntField(unique=True)),
                ("told_at", _moment()),
            ],
            options={
                "table": "marketing_told",
                "app": "core",
                "indexes": [Index(fields=("customer_id", "told_at"))],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="BotPace",
            fields=[
                ("bot", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ("next_at", fields.BigIntField()),
            ],
            options={"table": "bot_pace", "app": "core", "pk_attr": "bot"},
            bases=["Model"],
        ),
        ops.RunPython(add_indexes, None),
    ]
