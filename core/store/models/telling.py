"""What outlives the messages: what was told to whom and when, and how fast a bot may speak."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from core.store.models.base import Row, link


class ReminderMark(Row):
    """That a customer was reminded, by kind: ``expiry_soon:7``, ``birthday``, ``win_back`` and so on.

    ``until`` says up to what: the end of a window, the absence's last purchase, the day of a gift. ``step`` is the
    win-back step (its days) that was reached in that absence.
    """

    customer = link("Customer")
    customer_id: int
    kind = fields.CharField(24)
    until = fields.DatetimeField()
    step = fields.IntField(default=0, db_default=0)
    noted_at = fields.DatetimeField()

    class Meta:
        table = "reminder_mark"
        unique_together = (("customer_id", "kind"),)


class MarketingTold(Row):
    """A marketing message that went to a customer, or may have: what the frequency cap counts."""

    customer = link("Customer")
    customer_id: int
    message_id = fields.BigIntField(unique=True)
    told_at = fields.DatetimeField()

    class Meta:
        table = "marketing_told"
        indexes = (Index(fields=("customer_id", "told_at")),)


class BotPace(Model):
    """When a bot may send its next message, or one to a chat (``bot:chat``): milliseconds since the epoch."""

    bot = fields.CharField(32, primary_key=True)
    next_at = fields.BigIntField()

    class Meta:
        table = "bot_pace"


class ReminderDue(Row):
    """A reminder that a sweep found, until it is told: together with the customer's others.

    ``kind`` is its topic. ``points`` in hundredths, for a discount in basis points. ``first_at`` and ``last_at``
    are the moments that it is about, ``step`` is the win-back step's days.
    """

    customer = link("Customer")
    customer_id: int
    kind = fields.CharField(16)
    points = fields.BigIntField()
    first_at = fields.DatetimeField()
    last_at = fields.DatetimeField()
    step = fields.IntField(default=0, db_default=0)
    not_before = fields.DatetimeField()
    found_at = fields.DatetimeField()

    class Meta:
        table = "reminder_due"
        unique_together = (("customer_id", "kind"),)
