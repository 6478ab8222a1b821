"""What a refund takes from a customer's turnover, and gifts of the N-th purchase whose purchases were refunded."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("core", "0004_programme")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Refund",
            name="sold",
            field=fields.BigIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="PurchaseCounter",
            name="owed",
            field=fields.IntField(default=0, db_default=0),
        ),
    ]
