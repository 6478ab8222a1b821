"""What customers say of their purchases."""

from tortoise import fields
from tortoise.indexes import Index

from core.store.models.base import Row, link, optional_link


class Review(Row):
    """A customer was asked about a purchase, and what they said: ``stars`` from 1 to 5, then perhaps ``words``.

    ``closed_at``: the words came, and the stars stay as they are. ``answer`` is what a manager wrote.
    """

    purchase = link("Purchase", unique=True)
    purchase_id: int
    customer = link("Customer")
    customer_id: int
    branch = link("Branch")
    branch_id: int
    asked_at = fields.DatetimeField()
    stars = fields.SmallIntField(null=True)
    rated_at = fields.DatetimeField(null=True)
    words = fields.TextField(null=True)
    closed_at = fields.DatetimeField(null=True)
    answer = fields.TextField(null=True)
    answered_by = optional_link("StaffMember")
    answered_by_id: int | None
    answered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "review"
        indexes = (Index(fields=("customer_id", "asked_at")),)
