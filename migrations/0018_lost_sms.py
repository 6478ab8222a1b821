"""Find SMS whose fate is unknown without reading the whole outbox."""

from tortoise import migrations
from tortoise.migrations import operations as ops

INDEXES = [
    'CREATE INDEX "message_lost_sms" ON "message" ("created_at", "id") '
    "WHERE state = 'unknown' AND channel = 'sms'",
]


async def add_indexes(apps, schema_editor):
    for statement in INDEXES:
        await schema_editor.client.execute_script(statement)


class Migration(migrations.Migration):
    dependencies = [("core", "0017_reviews")]

    initial = False

    operations = [ops.RunPython(add_indexes, None)]
