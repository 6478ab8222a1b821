"""What corrects or guards sales: refunds, manual points, held accruals, part payments."""

from tortoise import fields
from tortoise.indexes import Index

from core.store.models.base import Row, link, optional_link


class PurchasePayment(Row):
    """A part of a purchase paid in one way, in minor units."""

    purchase = link("Purchase", db_index=True)
    purchase_id: int
    method = fields.CharField(16)
    amount = fields.BigIntField()
    paid_at = fields.DatetimeField()

    class Meta:
        table = "purchase_payment"


class Refund(Row):
    """A refund of a purchase, whole or in part. Money in minor units, points in hundredths.

    ``amount`` is of the receipt before discount and points; ``money`` goes back to the customer, ``returned`` are
    redeemed points given back, ``taken_back`` what had been earned, ``sold`` what the turnover loses.
    """

    purchase = link("Purchase", db_index=True)
    purchase_id: int
    branch = link("Branch")
    branch_id: int
    staff_member = link("StaffMember")
    staff_member_id: int
    amount = fields.BigIntField()
    money = fields.BigIntField()
    returned = fields.BigIntField()
    taken_back = fields.BigIntField()
    sold = fields.BigIntField(default=0, db_default=0)
    reason = fields.CharField(64, null=True)
    request_key = fields.CharField(96, unique=True)
    input_hash = fields.CharField(64)
    created_at = fields.DatetimeField()

    class Meta:
        table = "refund"
        indexes = (Index(fields=("branch_id", "created_at")),)


class RefundLine(Row):
    """What a refund takes from one line of the purchase, in minor units of its amount."""

    refund = link("Refund", db_index=True)
    refund_id: int
    line = link("PurchaseLine", db_index=True)
    line_id: int
    amount = fields.BigIntField()

    class Meta:
        table = "refund_line"


class HeldAccrual(Row):
    """An accrual above the limits that waits for a manager: ``waiting``, ``given`` or ``refused``."""

    purchase = link("Purchase", unique=True)
    purchase_id: int
    customer = link("Customer", db_index=True)
    customer_id: int
    branch = link("Branch")
    branch_id: int
    points = fields.BigIntField()
    reason = fields.CharField(16)
    status = fields.CharField(16)
    created_at = fields.DatetimeField()
    decided_by = optional_link("StaffMember")
    decided_by_id: int | None
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "held_accrual"
        indexes = (Index(fields=("status", "branch_id", "id")),)


class ManualPoints(Row):
    """Points given or taken by hand, with a reason: ``waiting`` (for a second person), ``done`` or ``refused``."""

    customer = link("Customer", db_index=True)
    customer_id: int
    branch = link("Branch")
    branch_id: int
    points = fields.BigIntField()
    reason = fields.CharField(200)
    status = fields.CharField(16)
    asked_by = link("StaffMember")
    asked_by_id: int
    decided_by = optional_link("StaffMember")
    decided_by_id: int | None
    request_key = fields.CharField(96, unique=True)
    input_hash = fields.CharField(64)
    created_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "manual_points"
        indexes = (Index(fields=("status", "branch_id", "id")),)
