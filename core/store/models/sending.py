"""What SMS cost by day, how the gateways fare, and what the owner was alerted to."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class SmsDay(Model):
    """Money for SMS of one of the merchant's days, in minor units: taken before sending, set right afterwards.

    It is the sum of ``message.cost`` of those whose ``cost_day`` it is.
    """

    day = fields.DateField(primary_key=True)
    spent = fields.BigIntField()

    class Meta:
        table = "sms_day"


class SmsStop(Model):
    """Codes that are not sent any more, by where they are asked for (bot, till), until somebody resumes."""

    origin = fields.CharField(8, primary_key=True)
    stopped_at = fields.DatetimeField()
    resumed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "sms_stop"


class SmsGatewayState(Model):
    """How a gateway fares: since when it is down and why, and the money on its account, in minor units."""

    name = fields.CharField(16, primary_key=True)
    down_since = fields.DatetimeField(null=True)
    reason = fields.CharField(32, null=True)
    balance = fields.BigIntField(null=True)
    balance_at = fields.DatetimeField(null=True)

    class Meta:
        table = "sms_gateway"


class OwnerAlert(Model):
    """Something that the owner must know of: going on while ``ended_at`` is empty.

    ``told_at`` is when a beginning was last told of, of this time or of one before.
    """

    kind = fields.CharField(48, primary_key=True)
    data: fields.JSONField[dict[str, Any]] = fields.JSONField()
    began_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    told_at = fields.DatetimeField(null=True)

    class Meta:
        table = "owner_alert"
