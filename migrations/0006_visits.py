"""Count purchases that were made before visits were counted: each was a visit that came."""

from tortoise import migrations
from tortoise.migrations import operations as ops


async def count_purchases(apps, schema_editor):
    await schema_editor.client.execute_script(
        "UPDATE customer SET visits = purchases, last_visit_at = last_purchase_at "
        "WHERE visits = 0 AND purchases > 0"
    )


class Migration(migrations.Migration):
    dependencies = [("core", "0005_refunds")]

    initial = False

    operations = [ops.RunPython(count_purchases, None)]
