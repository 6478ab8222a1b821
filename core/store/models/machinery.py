"""The outbox, the audit, and what keeps the bots' work safe across restarts."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from core.store.models.base import Row, optional_link


class Message(Row):
    """One thing to be told to one person: the outbox.

    ``state``: queued, sending, sent, delivered, failed, unknown, suppressed (``reason`` says why). ``wanted`` is
    the channel that was meant, ``channel`` the one taken; ``gateway`` took an SMS, ``delivered_at`` and
    ``asked_at`` (when last asked for) are its status, ``cost`` is in minor units, taken from
    the budget of ``cost_day`` before an SMS is sent and set right afterwards. ``secret`` is encrypted data (a
    code's digits) and is wiped when the message has left. ``edits_key`` names the message (by its dedupe key)
    whose Telegram message this one rewrites, ``chat_id`` and ``telegram_message_id`` where it stands.
    ``notify_chat_id`` is who must hear when it fails.
    """

    topic = fields.CharField(32)
    channel = fields.CharField(8)
    bot = fields.CharField(8, null=True)
    chat_id = fields.BigIntField(null=True)
    phone = fields.CharField(15, null=True)
    customer = optional_link("Customer", db_index=True)
    customer_id: int | None
    staff_member = optional_link("StaffMember")
    staff_member_id: int | None
    template = fields.CharField(64)
    language = fields.CharField(2)
    data: fields.JSONField[dict[str, Any]] = fields.JSONField()
    secret = fields.TextField(null=True)
    dedupe_key = fields.CharField(96, unique=True)
    edits_key = fields.CharField(96, null=True)
    edits_message_id = fields.BigIntField(null=True)
    notify_bot = fields.CharField(8, null=True)
    notify_chat_id = fields.BigIntField(null=True)
    priority = fields.IntField()
    not_before = fields.DatetimeField()
    not_after = fields.DatetimeField(null=True)
    state = fields.CharField(12)
    reason = fields.CharField(32, null=True)
    tries = fields.IntField(default=0)
    lease_until = fields.DatetimeField(null=True)
    leased_by = fields.CharField(48, null=True)
    provider_id = fields.CharField(64, null=True)
    telegram_message_id = fields.BigIntField(null=True)
    parts = fields.IntField(null=True)
    cost = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)
    campaign_id = fields.BigIntField(null=True)
    wanted = fields.CharField(8, null=True)
    gateway = fields.CharField(16, null=True)
    delivered_at = fields.DatetimeField(null=True)
    asked_at = fields.DatetimeField(null=True)
    cost_day = fields.DateField(null=True)

    class Meta:
        table = "message"


class AuditRow(Row):
    """Who did what. Append-only; ``hash`` covers the row and the one before it."""

    actor_kind = fields.CharField(16)
    actor_id = fields.BigIntField(null=True)
    action = fields.CharField(48)
    object_kind = fields.CharField(32)
    object_id = fields.BigIntField(null=True)
    before: fields.JSONField[dict[str, Any] | None] = fields.JSONField(null=True)
    after: fields.JSONField[dict[str, Any] | None] = fields.JSONField(null=True)
    hash = fields.CharField(64, null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "audit_row"
        indexes = (Index(fields=("object_kind", "object_id", "id")),)


class AuditHead(Model):
    """The end of the log's chain; its row is locked by whoever adds to the log."""

    log = fields.CharField(8, primary_key=True)
    audit_row_id = fields.BigIntField()
    hash = fields.CharField(64)

    class Meta:
        table = "audit_head"


class Dialogue(Model):
    """Which question is open in a chat, so that a restart loses no step of it. Never holds money."""

    key = fields.CharField(96, primary_key=True)
    state = fields.CharField(64, null=True)
    data: fields.JSONField[dict[str, Any]] = fields.JSONField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "dialogue"


class HandledUpdate(Model):
    """``bot:update_id`` of what was handled to its end; a second delivery finds it and does nothing."""

    key = fields.CharField(48, primary_key=True)
    handled_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "handled_update"


class ParkedUpdate(Row):
    """An update that could not be handled, put aside so that the others go on."""

    bot_id = fields.BigIntField()
    update_id = fields.BigIntField()
    payload = fields.TextField()
    error = fields.TextField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "parked_update"


class Lease(Model):
    """Who does a job that only one may do; free when ``until`` has passed."""

    name = fields.CharField(48, primary_key=True)
    holder = fields.CharField(64)
    until = fields.DatetimeField()

    class Meta:
        table = "lease"
