"""The merchant's own words for what customers are told."""

from tortoise import fields
from tortoise.indexes import Index

from core.store.models.base import Row, optional_link


class MessageText(Row):
    """A text that the owner saved for a template in a language; append-only, the newest one counts.

    ``template`` is the file's name (``notice/receipt``), ``channel`` telegram or sms. ``body`` is as it was
    written, fields in braces; None is the way back to the file's own text.
    """

    template = fields.CharField(64)
    language = fields.CharField(2)
    channel = fields.CharField(8)
    body = fields.TextField(null=True)
    author = optional_link("StaffMember")
    author_id: int | None
    created_at = fields.DatetimeField()

    class Meta:
        table = "message_text"
        indexes = (Index(fields=("template", "language", "channel", "id")),)
