"""Programme versions, purchases and the ledger. Money in minor units, points in hundredths."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index

from core.store.models.base import Row, link, optional_link


class ProgrammeVersion(Row):
    """The merchant's settings (no branch) or a branch's overrides; the newest of each is in force."""

    branch = optional_link("Branch")
    branch_id: int | None
    settings: fields.JSONField[dict[str, Any]] = fields.JSONField()
    author = optional_link("StaffMember")
    author_id: int | None
    created_at = fields.DatetimeField()

    class Meta:
        table = "programme_version"
        indexes = (Index(fields=("branch_id", "id")),)


class Purchase(Row):
    """A sale from its first quote: ``draft``, ``waiting`` (for the customer), ``completed``, ``cancelled``.

    The figures are the last quote's until it is completed, and final from then on. ``basket`` and ``terms`` are
    empty for a typed total without anything special. ``refunded`` (of the subtotal), ``returned_points`` and
    ``taken_back`` sum up its refunds; ``receipt_day`` is the branch's local day.
    ``chat_id`` and ``message_id`` are the till's live message.
    """

    status = fields.CharField(16)
    customer = link("Customer")
    customer_id: int
    branch = link("Branch")
    branch_id: int
    staff_member = link("StaffMember")
    staff_member_id: int
    programme_version = link("ProgrammeVersion")
    programme_version_id: int
    branch_version = optional_link("ProgrammeVersion")
    branch_version_id: int | None
    subtotal = fields.BigIntField()
    discount = fields.BigIntField()
    points = fields.BigIntField()
    points_worth = fields.BigIntField()
    points_limit = fields.BigIntField()
    payable = fields.BigIntField()
    accrual_base = fields.BigIntField()
    accrual = fields.BigIntField()
    no_accrual = fields.CharField(16, null=True)
    balance_after = fields.BigIntField(null=True)
    basket: fields.JSONField[dict[str, Any] | None] = fields.JSONField(null=True)
    terms: fields.JSONField[dict[str, Any] | None] = fields.JSONField(null=True)
    discount_source = fields.CharField(16, null=True)
    sale_type = fields.CharField(16, null=True)
    paid = fields.BigIntField(null=True)
    receipt_number = fields.CharField(32, null=True)
    receipt_day = fields.DateField(null=True)
    refunded = fields.BigIntField(default=0, db_default=0)
    returned_points = fields.BigIntField(default=0, db_default=0)
    taken_back = fields.BigIntField(default=0, db_default=0)
    quoted_at = fields.DatetimeField()
    created_at = fields.DatetimeField()
    completed_at = fields.DatetimeField(null=True)
    cancelled_at = fields.DatetimeField(null=True)
    cancelled_by = optional_link("StaffMember")
    cancelled_by_id: int | None
    chat_id = fields.BigIntField(null=True)
    message_id = fields.BigIntField(null=True)
    request_key = fields.CharField(96, unique=True)
    input_hash = fields.CharField(64)

    class Meta:
        table = "purchase"
        indexes = (
            Index(fields=("customer_id", "completed_at")),
            Index(fields=("branch_id", "completed_at")),
        )


class PurchaseLine(Row):
    """One position of the receipt as it was priced."""

    purchase = link("Purchase")
    purchase_id: int
    number = fields.IntField()
    title = fields.CharField(128, default="")
    amount = fields.BigIntField()
    discount = fields.BigIntField()
    points_worth = fields.BigIntField()
    payable = fields.BigIntField()
    eligible = fields.BooleanField()
    product = optional_link("Product")
    product_id: int | None
    quantity = fields.BigIntField(default=1000, db_default=1000)
    refunded = fields.BigIntField(default=0, db_default=0)

    class Meta:
        table = "purchase_line"
        unique_together = (("purchase_id", "number"),)


class Hold(Row):
    """Points kept for a purchase while the customer confirms. Open while ``settled_at`` is empty and
    ``expires_at`` ahead: time alone ends it. ``outcome`` is ``captured``, ``released`` or ``expired``."""

    purchase = link("Purchase")
    purchase_id: int
    customer = link("Customer")
    customer_id: int
    points = fields.BigIntField()
    confirm_until = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    created_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(16, null=True)

    class Meta:
        table = "hold"
        indexes = (Index(fields=("customer_id", "settled_at")),)


class LedgerEntry(Row):
    """One immutable change of points. ``points == granted - sum(draws) - debt_change``."""

    customer = link("Customer")
    customer_id: int
    kind = fields.CharField(16)
    points = fields.BigIntField()
    debt_change = fields.BigIntField(default=0)
    purchase = optional_link("Purchase", db_index=True)
    purchase_id: int | None
    reverses = optional_link("LedgerEntry")
    reverses_id: int | None
    branch = optional_link("Branch")
    branch_id: int | None
    author = optional_link("StaffMember")
    author_id: int | None
    reason = fields.CharField(64, null=True)
    request_key = fields.CharField(96, unique=True)
    input_hash = fields.CharField(64)
    created_at = fields.DatetimeField()

    class Meta:
        table = "ledger_entry"
        indexes = (Index(fields=("customer_id", "id")),)


class Lot(Row):
    """Points that came together: 0 <= remaining <= granted.

    ``rolling_days``: each purchase moves ``expires_at`` so many days ahead (expiry by absence).
    """

    customer = link("Customer")
    customer_id: int
    entry = link("LedgerEntry")
    entry_id: int
    granted = fields.BigIntField()
    remaining = fields.BigIntField()
    activates_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    rolling_days = fields.IntField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "lot"


class LotDraw(Row):
    """Points that an entry took from a lot; negative when it gave them back."""

    entry = link("LedgerEntry", db_index=True)
    entry_id: int
    lot = link("Lot", db_index=True)
    lot_id: int
    points = fields.BigIntField()

    class Meta:
        table = "lot_draw"
