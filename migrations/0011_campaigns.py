"""Campaigns, their recipients and pictures; and what customers said of offers, in their own rows for segments."""

import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

CHECKS = {
    ("campaign", "campaign_state"): (
        "{row}state IN ('draft', 'scheduled', 'choosing', 'sending', 'paused', 'stopped', 'done') "
        "AND ({row}finished_at IS NOT NULL) = ({row}state IN ('stopped', 'done'))"
    ),
    ("campaign", "campaign_control"): "{row}control_share >= 0 AND {row}control_share <= 2000",
    ("campaign_recipient", "campaign_recipient_times"): "({row}taken_at IS NULL) = ({row}counts_until IS NULL)",
}

INDEXES = [
    'CREATE UNIQUE INDEX "campaign_picture_of" ON "campaign_picture" ("campaign_id")',
    'CREATE INDEX "campaign_waiting" ON "campaign_recipient" ("campaign_id", "id") WHERE taken_at IS NULL',
    'CREATE INDEX "campaign_open" ON "campaign" ("id") WHERE state IN (\'choosing\', \'sending\')',
]

# Whoever writes a consent, the customer's row follows: consents are only ever added, and the newest counts.
_SQLITE_OFFERS = (
    'CREATE TRIGGER "consent_offers_{channel}" AFTER INSERT ON "consent" '
    "WHEN NEW.topic = 'offers' AND NEW.channel = '{channel}' "
    "BEGIN UPDATE customer SET offers_{channel} = NEW.granted WHERE id = NEW.customer_id; END"
)
_POSTGRES_OFFERS = """
CREATE FUNCTION kopilka_offers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.channel = 'telegram' THEN
        UPDATE customer SET offers_telegram = NEW.granted WHERE id = NEW.customer_id;
    ELSIF NEW.channel = 'sms' THEN
        UPDATE customer SET offers_sms = NEW.granted WHERE id = NEW.customer_id;
    END IF;
    RETURN NULL;
END
$$
"""
_POSTGRES_TRIGGER = (
    'CREATE TRIGGER "consent_offers" AFTER INSERT ON "consent" FOR EACH ROW '
    "WHEN (NEW.topic = 'offers') EXECUTE FUNCTION kopilka_offers()"
)
_FILL = (
    "UPDATE customer SET offers_{channel} = {yes} WHERE id IN (SELECT customer_id FROM consent "
    "WHERE granted AND id IN (SELECT max(id) FROM consent WHERE topic = 'offers' AND channel = '{channel}' "
    "GROUP BY customer_id))"
)


async def add_guards(apps, schema_editor):
    client = schema_editor.client
    postgres = client.capabilities.dialect == "postgres"
    for (table, name), rule in CHECKS.items():
        for statement in _check(postgres, table, name, rule):
            await client.execute_script(statement)
    for statement in INDEXES:
        await client.execute_script(statement)
    for channel in ("telegram", "sms"):
        await client.execute_script(_FILL.format(channel=channel, yes="TRUE" if postgres else "1"))
        if not postgres:
            await client.execute_script(_SQLITE_OFFERS.format(channel=channel))
    if postgres:
        await client.execute_script(_POSTGRES_OFFERS)
        await client.execute_script(_POSTGRES_TRIGGER)


def _check(postgres, table, name, rule):
    if postgres:
        return [f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" CHECK ({rule.format(row="")})']
    broken = f"NOT ({rule.format(row='NEW.')})"
    return [
        f'CREATE TRIGGER "{name}_{event.lower()}" BEFORE {event} ON "{table}" WHEN {broken} '
        f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {name}'); END"
        for event in ("INSERT", "UPDATE")
    ]


def _id():
    return ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True))


def _link(model, column, null=False):
    return fields.ForeignKeyField(
        f"core.{model}",
        source_field=column,
        null=null,
        db_constraint=True,
        to_field="id",
        related_name=False,
        on_delete=OnDelete.RESTRICT,
    )


def _moment(null=True):
    return fields.DatetimeField(null=null, auto_now=False, auto_now_add=False)


class Migration(migrations.Migration):
    dependencies = [("core", "0010_telling")]

    initial = False

    operations = [
        *(
            ops.AddField(
                model_name="Customer", name=name, field=fields.BooleanField(default=False, db_default=False)
            )
            for name in ("offers_telegram", "offers_sms")
        ),
        ops.CreateModel(
            name="Campaign",
            fields=[
                _id(),
                ("branch", _link("Branch", "branch_id", null=True)),
                ("author", _link("StaffMember", "author_id")),
                ("state", fields.CharField(max_length=12)),
                ("reason", fields.CharField(null=True, max_length=16)),
                (
                    "segment",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                ("body", fields.TextField(null=True, unique=False)),
                ("photo", fields.CharField(null=True, max_length=200)),
                ("button_label", fields.CharField(null=True, max_length=32)),
                ("button_link", fields.CharField(null=True, max_length=512)),
                ("by_sms", fields.BooleanField(default=False)),
                ("control_share", fields.IntField(default=0)),
                ("salt", fields.BigIntField()),
                ("result_days", fields.IntField()),
                ("starts_at", _moment()),
                ("started_at", _moment()),
                ("finished_at", _moment()),
                ("chosen", fields.BigIntField(default=0)),
                ("controls", fields.BigIntField(default=0)),
                ("chat_id", fields.BigIntField(null=True)),
                ("message_id", fields.BigIntField(null=True)),
                ("told", fields.CharField(null=True, max_length=64)),
                ("told_at", _moment()),
                ("request_key", fields.CharField(unique=True, max_length=96)),
                ("created_at", _moment(null=False)),
            ],
            options={
                "table": "campaign",
                "app": "core",
                "indexes": [Index(fields=["branch_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="CampaignPicture",
            fields=[
                _id(),
                ("campaign", _link("Campaign", "campaign_id")),
                ("content", fields.TextField(unique=False)),
                ("file_id", fields.CharField(null=True, max_length=200)),
            ],
            options={"table": "campaign_picture", "app": "core", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="CampaignRecipient",
            fields=[
                _id(),
                ("campaign", _link("Campaign", "campaign_id")),
                ("customer", _link("Customer", "customer_id")),
                ("is_control", fields.BooleanField(default=False)),
                ("taken_at", _moment()),
                ("counts_until", _moment()),
            ],
            options={
                "table": "campaign_recipient",
                "app": "core",
                "unique_together": (("campaign_id", "customer_id"),),
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.RunPython(add_guards, None),
    ]
