"""Promotions, coupons and gifts. Money in minor units, points in hundredths, percents in basis points."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index

from core.store.models.base import Row, link, optional_link


class Promotion(Row):
    """A time-bound bonus or discount. ``benefit`` is ``factor`` (hundredths), ``points`` or ``discount``.

    ``conditions``: weekdays, hours, branches, products, categories, first purchase, least purchase; absent ones
    don't bind. ``is_sum`` among them: the discount is a sum and not a percent.
    """

    name = fields.CharField(64)
    benefit = fields.CharField(16)
    amount = fields.BigIntField()
    conditions: fields.JSONField[dict[str, Any]] = fields.JSONField()
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(null=True)
    is_on = fields.BooleanField(default=True)
    author = optional_link("StaffMember")
    author_id: int | None
    created_at = fields.DatetimeField()
    request_key = fields.CharField(96, null=True)

    class Meta:
        table = "promotion"


class PromotionUse(Row):
    """What a promotion gave in a completed purchase: ``discount`` in minor units, ``points`` in hundredths."""

    promotion = link("Promotion")
    promotion_id: int
    customer = link("Customer")
    customer_id: int
    purchase = link("Purchase", db_index=True)
    purchase_id: int
    discount = fields.BigIntField(default=0, db_default=0)
    points = fields.BigIntField(default=0, db_default=0)
    used_at = fields.DatetimeField()

    class Meta:
        table = "promotion_use"


class CouponBatch(Row):
    """What a coupon or a generated batch of them gives, how often and when. ``benefit`` as a promotion's.

    ``conditions`` as a promotion's too: branches, products, categories, and whether a discount is a sum.
    """

    name = fields.CharField(64)
    benefit = fields.CharField(16)
    amount = fields.BigIntField()
    min_purchase = fields.BigIntField(default=0)
    limit_total = fields.IntField(null=True)
    limit_customer = fields.IntField(default=1)
    uses = fields.IntField(default=0)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(null=True)
    is_on = fields.BooleanField(default=True)
    author = optional_link("StaffMember")
    author_id: int | None
    created_at = fields.DatetimeField()
    conditions: fields.JSONField[dict[str, Any] | None] = fields.JSONField(null=True)
    request_key = fields.CharField(96, null=True)

    class Meta:
        table = "coupon_batch"


class Coupon(Row):
    """A code that gives a batch's benefit; ``uses`` counts completed purchases not taken back."""

    batch = link("CouponBatch", db_index=True)
    batch_id: int
    code = fields.CharField(24, unique=True)
    limit_total = fields.IntField(null=True)
    uses = fields.IntField(default=0)

    class Meta:
        table = "coupon"


class CouponUse(Row):
    """A purchase that a coupon was used in; ``returned_at`` when the purchase was taken back whole.

    It gave a ``discount`` in minor units and ``points`` in hundredths.
    """

    coupon = link("Coupon", db_index=True)
    coupon_id: int
    customer = link("Customer", db_index=True)
    customer_id: int
    purchase = link("Purchase", db_index=True)
    purchase_id: int
    used_at = fields.DatetimeField()
    returned_at = fields.DatetimeField(null=True)
    discount = fields.BigIntField(default=0, db_default=0)
    points = fields.BigIntField(default=0, db_default=0)

    class Meta:
        table = "coupon_use"


class GiftExchange(Row):
    """Points exchanged for a gift at the till: ``waiting`` (for the customer), ``done`` or ``cancelled``."""

    customer = link("Customer", db_index=True)
    customer_id: int
    branch = link("Branch")
    branch_id: int
    staff_member = link("StaffMember")
    staff_member_id: int
    title = fields.CharField(64)
    points = fields.BigIntField()
    status = fields.CharField(16)
    chat_id = fields.BigIntField(null=True)
    message_id = fields.BigIntField(null=True)
    request_key = fields.CharField(96, unique=True)
    created_at = fields.DatetimeField()
    confirm_until = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "gift_exchange"
        indexes = (Index(fields=("branch_id", "created_at")),)
