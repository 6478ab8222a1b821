"""What customers are asked about their purchases, what they say, and what they are answered."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

CHECKS = {
    ("review", "review_stars"): (
        "({row}stars IS NULL) = ({row}rated_at IS NULL) AND ({row}stars IS NULL OR {row}stars BETWEEN 1 AND 5)"
    ),
    ("review", "review_words"): "{row}words IS NULL OR {row}stars IS NOT NULL",
    ("review", "review_answer"): "({row}answer IS NULL) = ({row}answered_at IS NULL)",
}

INDEXES = [
    # A unique foreign key is not made unique by the migration that creates its table.
    'CREATE UNIQUE INDEX "review_purchase" ON "review" ("purchase_id")',
    'CREATE INDEX "review_rated" ON "review" ("branch_id", "rated_at") WHERE stars IS NOT NULL',
]


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


def _moment(**options):
    return fields.DatetimeField(auto_now=False, auto_now_add=False, **options)


def _link(model, column, **options):
    return fields.ForeignKeyField(
        f"core.{model}",
        source_field=column,
        db_constraint=True,
        to_field="id",
        related_name=False,
        on_delete=OnDelete.RESTRICT,
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [("core", "0016_referrals")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Review",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("purchase", _link("Purchase", "purchase_id", unique=True)),
                ("customer", _link("Customer", "customer_id")),
                ("branch", _link("Branch", "branch_id")),
                ("asked_at", _moment()),
                ("stars", fields.SmallIntField(null=True)),
                ("rated_at", _moment(null=True)),
                ("words", fields.TextField(null=True, unique=False)),
                ("closed_at", _moment(null=True)),
                ("answer", fields.TextField(null=True, unique=False)),
                ("answered_by", _link("StaffMember", "answered_by_id", null=True)),
                ("answered_at", _moment(null=True)),
            ],
            options={
                "table": "review",
                "app": "core",
                "indexes": [Index(fields=["customer_id", "asked_at"])],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.RunPython(add_guards, None),
    ]
