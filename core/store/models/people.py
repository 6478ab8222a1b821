"""Branches, staff, customers, their cards, identities, codes and consents."""

from tortoise import fields
from tortoise.indexes import Index

from core.store.models.base import Row, link, optional_link


class Branch(Row):
    """A place of sale. ``time_zone`` is an IANA name."""

    name = fields.CharField(64)
    time_zone = fields.CharField(64)
    is_open = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "branch"


class StaffMember(Row):
    """Who works here. ``status`` is ``active`` or ``dismissed``."""

    name = fields.CharField(64)
    role = fields.CharField(16)
    branch = link("Branch")
    branch_id: int
    phone = fields.CharField(15, null=True)
    status = fields.CharField(16)
    created_at = fields.DatetimeField()
    dismissed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "staff_member"


class StaffInvite(Row):
    """A single-use link to join; only the token's keyed hash is kept."""

    token_hash = fields.CharField(64, unique=True)
    role = fields.CharField(16)
    branch = link("Branch")
    branch_id: int
    invited_by = optional_link("StaffMember")
    invited_by_id: int | None
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "staff_invite"


class Customer(Row):
    """A customer. ``debt`` in hundredths of a point; ``sold`` and ``paid`` in minor units.

    ``purchases``, ``sold`` and ``paid`` count completed purchases and are proved by ``check``; ``visits``
    counts those that came, purchases among them. ``level``, ``importance`` (bronze, silver, gold) and
    ``rule_discount`` (basis points) are what was last computed, for lists and notices; prices are computed
    anew. ``name_tail_key`` is the name read from its last word on. ``blocked_at``: they neither earn nor spend;
    ``merged_into``: they live on in another row.
    """

    phone = fields.CharField(15, null=True, unique=True)
    phone_verified_at = fields.DatetimeField(null=True)
    name = fields.CharField(64, null=True)
    name_key = fields.CharField(64, default="")
    name_tail_key = fields.CharField(64, default="", db_default="")
    birthday = fields.DateField(null=True)
    language = fields.CharField(2)
    status = fields.CharField(16)
    promo_code = fields.CharField(16, unique=True)
    referred_by = optional_link("Customer", db_index=True)
    referred_by_id: int | None
    referral_settled_at = fields.DatetimeField(null=True)
    debt = fields.BigIntField(default=0)
    purchases = fields.BigIntField(default=0)
    sold = fields.BigIntField(default=0)
    paid = fields.BigIntField(default=0)
    last_purchase_at = fields.DatetimeField(null=True)
    visits = fields.BigIntField(default=0, db_default=0)
    last_visit_at = fields.DatetimeField(null=True)
    level = fields.CharField(32, null=True)
    importance = fields.CharField(8, null=True)
    rule_discount = fields.IntField(default=0, db_default=0)
    offers_telegram = fields.BooleanField(default=False, db_default=False)
    offers_sms = fields.BooleanField(default=False, db_default=False)
    branch = optional_link("Branch")
    branch_id: int | None
    registered_by = optional_link("StaffMember")
    registered_by_id: int | None
    blocked_at = fields.DatetimeField(null=True)
    merged_into = optional_link("Customer")
    merged_into_id: int | None
    created_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "customer"


class Card(Row):
    """A card's number: ``issued`` (in no one's hands), ``bound`` to a customer, or ``blocked``."""

    number = fields.CharField(20, unique=True)
    status = fields.CharField(16)
    customer = optional_link("Customer", db_index=True)
    customer_id: int | None
    created_at = fields.DatetimeField()
    bound_at = fields.DatetimeField(null=True)
    blocked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "card"


class TelegramIdentity(Row):
    """A Telegram account in one of the bots (``customer`` or ``staff``), and whose it is."""

    bot = fields.CharField(8)
    telegram_id = fields.BigIntField()
    language = fields.CharField(2, null=True)
    customer = optional_link("Customer", db_index=True)
    customer_id: int | None
    staff_member = optional_link("StaffMember", db_index=True)
    staff_member_id: int | None
    blocked_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "telegram_identity"
        unique_together = (("bot", "telegram_id"),)


class ShownCode(Row):
    """The 6 digits on a customer's screen, for typing at the till. One live code a customer."""

    customer = link("Customer")
    customer_id: int
    code = fields.CharField(6, unique=True)
    expires_at = fields.DatetimeField()

    class Meta:
        table = "shown_code"


class Consent(Row):
    """What a person agreed to or withdrew; the newest row of a topic and channel counts."""

    customer = link("Customer")
    customer_id: int
    topic = fields.CharField(32)
    channel = fields.CharField(16)
    granted = fields.BooleanField()
    text_version = fields.CharField(16)
    source = fields.CharField(16)
    created_at = fields.DatetimeField()

    class Meta:
        table = "consent"
        indexes = (Index(fields=("customer_id", "topic", "channel", "id")),)


class Registration(Row):
    """A new customer begun at the till: the questionnaire until its code is entered or its link followed.

    ``status`` is ``open``, ``done`` or ``dropped``; ``token_hash`` is set when a link was sent.
    """

    phone = fields.CharField(15)
    name = fields.CharField(64, null=True)
    birthday = fields.DateField(null=True)
    card_number = fields.CharField(20, null=True)
    branch = link("Branch")
    branch_id: int
    staff_member = link("StaffMember")
    staff_member_id: int
    status = fields.CharField(16)
    token_hash = fields.CharField(64, null=True, unique=True)
    customer = optional_link("Customer")
    customer_id: int | None
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "registration"


class VerificationCode(Row):
    """Digits sent by SMS that prove a phone, or the proof by one's own contact (``method``).

    Only a keyed hash is stored. ``subject`` says what the code is for within its purpose
    (a Telegram account, a registration, a purchase): a new code kills the old one of the same.
    ``used_at``: entered rightly, ``spent_at``: a registration rested on it, ``last_key``: the last try.
    """

    purpose = fields.CharField(16)
    subject = fields.CharField(48)
    method = fields.CharField(8)
    phone = fields.CharField(15)
    code_hash = fields.CharField(64, null=True)
    staff_member = optional_link("StaffMember")
    staff_member_id: int | None
    tries_left = fields.IntField()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    killed_at = fields.DatetimeField(null=True)
    spent_at = fields.DatetimeField(null=True)
    last_key = fields.CharField(96, null=True)
    request_key = fields.CharField(96, unique=True)
    input_hash = fields.CharField(64)

    class Meta:
        table = "verification_code"
        indexes = (
            Index(fields=("purpose", "subject", "id")),
            Index(fields=("phone", "created_at")),
            Index(fields=("staff_member_id", "created_at")),
            Index(fields=("method", "created_at")),
        )
