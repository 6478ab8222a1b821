"""Campaigns: one message to a segment of customers, and who is in it."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index

from core.store.models.base import Row, link, optional_link


class Campaign(Row):
    """One message to many. ``state``: draft, scheduled, choosing, sending, paused, stopped (``reason``), done.

    ``branch`` is whose customers it is for, nobody's for all. ``body`` is a text with ``{{ field }}``s,
    ``photo`` the picture's file id in the staff bot. ``control_share`` in basis points; who is kept out follows
    from ``salt``. ``chosen`` and ``controls`` count recipients, ``chat_id`` and ``message_id`` are where the
    progress is shown, ``told`` what it last said.
    """

    branch = optional_link("Branch")
    branch_id: int | None
    author = link("StaffMember")
    author_id: int
    state = fields.CharField(12)
    reason = fields.CharField(16, null=True)
    segment: fields.JSONField[dict[str, Any]] = fields.JSONField()
    body = fields.TextField(null=True)
    photo = fields.CharField(200, null=True)
    button_label = fields.CharField(32, null=True)
    button_link = fields.CharField(512, null=True)
    by_sms = fields.BooleanField(default=False)
    control_share = fields.IntField(default=0)
    salt = fields.BigIntField()
    result_days = fields.IntField()
    starts_at = fields.DatetimeField(null=True)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    chosen = fields.BigIntField(default=0)
    controls = fields.BigIntField(default=0)
    chat_id = fields.BigIntField(null=True)
    message_id = fields.BigIntField(null=True)
    told = fields.CharField(64, null=True)
    told_at = fields.DatetimeField(null=True)
    request_key = fields.CharField(96, unique=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "campaign"
        indexes = (Index(fields=("branch_id", "id")),)


class CampaignPicture(Row):
    """A campaign's picture: Base64, and its file id in the customer bot once it was sent there."""

    campaign = link("Campaign")
    campaign_id: int
    content = fields.TextField()
    file_id = fields.CharField(200, null=True)

    class Meta:
        table = "campaign_picture"


class CampaignRecipient(Row):
    """A customer of a campaign, told or kept out. ``taken_at``: when their turn came; from then until
    ``counts_until`` their purchases count."""

    campaign = link("Campaign")
    campaign_id: int
    customer = link("Customer")
    customer_id: int
    is_control = fields.BooleanField()
    taken_at = fields.DatetimeField(null=True)
    counts_until = fields.DatetimeField(null=True)

    class Meta:
        table = "campaign_recipient"
        unique_together = (("campaign_id", "customer_id"),)
