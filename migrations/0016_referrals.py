"""What friends are rewarded for, at once or once the wait is over, and by which terms."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

INDEXES = [
    # A unique foreign key is not made unique by the migration that creates its table.
    'CREATE UNIQUE INDEX "referral_reward_friend" ON "referral_reward" ("friend_id")',
    'CREATE INDEX "referral_reward_waiting" ON "referral_reward" ("due_at") WHERE given_at IS NULL',
]


async def add_indexes(apps, schema_editor):
    for statement in INDEXES:
        await schema_editor.client.execute_script(statement)


def _moment(**options):
    return fields.DatetimeField(auto_now=False, auto_now_add=False, **options)


def _link(model, name, **options):
    return fields.ForeignKeyField(
        f"core.{model}",
        source_field=f"{name}_id",
        db_constraint=True,
        to_field="id",
        related_name=False,
        on_delete=OnDelete.RESTRICT,
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [("core", "0015_failed")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ReferralReward",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("friend", _link("Customer", "friend", unique=True)),
                ("purchase", _link("Purchase", "purchase")),
                ("minimum", fields.BigIntField()),
                ("friend_points", fields.BigIntField()),
                ("inviter_points", fields.BigIntField()),
                ("due_at", _moment()),
                ("given_at", _moment(null=True)),
            ],
            options={"table": "referral_reward", "app": "core", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.RunPython(add_indexes, None),
    ]
