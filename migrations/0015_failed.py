"""Find messages that failed lately without reading the whole outbox."""

from tortoise import migrations
from tortoise.migrations import operations as ops

INDEXES = ['CREATE INDEX "message_failed" ON "message" ("created_at") WHERE state = \'failed\'']


async def add_indexes(apps, schema_editor):
    for statement in INDEXES:
        await schema_editor.client.execute_script(statement)


class Migration(migrations.Migration):
    dependencies = [("core", "0014_reminders")]

    initial = False

    operations = [ops.RunPython(add_indexes, None)]
