"""What follows a customer: categories, visits, counters of purchases."""

from tortoise import fields
from tortoise.indexes import Index

from core.store.models.base import Row, link, optional_link


class CustomerCategory(Row):
    """A label that a customer has; ``source`` is ``rule`` or ``hand``."""

    customer = link("Customer")
    customer_id: int
    name = fields.CharField(32)
    source = fields.CharField(8)
    created_at = fields.DatetimeField()

    class Meta:
        table = "customer_category"
        unique_together = (("customer_id", "name"),)
        indexes = (Index(fields=("name", "customer_id")),)


class Visit(Row):
    """An appointment or coming: ``expected``, ``came`` or ``no_show``. Its purchase, if any, makes it come."""

    customer = link("Customer")
    customer_id: int
    branch = link("Branch")
    branch_id: int
    staff_member = optional_link("StaffMember")
    staff_member_id: int | None
    purchase = optional_link("Purchase", unique=True)
    purchase_id: int | None
    status = fields.CharField(16)
    expected_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)
    request_key = fields.CharField(96, unique=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "visit"
        indexes = (Index(fields=("branch_id", "expected_at")), Index(fields=("customer_id", "expected_at")))


class PurchaseCounter(Row):
    """How many purchases count towards the N-th free one; ``category_id`` 0 counts any purchase.

    ``owed``: so many of the next ones don't count, because purchases that a gift was given for were refunded.
    """

    customer = link("Customer")
    customer_id: int
    category_id = fields.BigIntField()
    counted = fields.IntField()
    owed = fields.IntField(default=0, db_default=0)

    class Meta:
        table = "purchase_counter"
        unique_together = (("customer_id", "category_id"),)
