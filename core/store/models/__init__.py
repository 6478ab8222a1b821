"""Tables, by family. Every foreign key is RESTRICT; constraints and triggers stand in migrations."""

from core.store.models.campaigns import Campaign, CampaignPicture, CampaignRecipient
from core.store.models.catalogue import Product, ProductCategory
from core.store.models.corrections import HeldAccrual, ManualPoints, PurchasePayment, Refund, RefundLine
from core.store.models.files import ImportFile, ImportRow
from core.store.models.following import CustomerCategory, PurchaseCounter, Visit
from core.store.models.friends import ReferralReward
from core.store.models.jobs import ExportPart, Job, Tick
from core.store.models.machinery import AuditHead, AuditRow, Dialogue, HandledUpdate, Lease, Message, ParkedUpdate
from core.store.models.offers import Coupon, CouponBatch, CouponUse, GiftExchange, Promotion, PromotionUse
from core.store.models.people import (
    Branch,
    Card,
    Consent,
    Customer,
    Registration,
    ShownCode,
    StaffInvite,
    StaffMember,
    TelegramIdentity,
    VerificationCode,
)
from core.store.models.reviews import Review
from core.store.models.sales import (
    Hold,
    LedgerEntry,
    Lot,
    LotDraw,
    ProgrammeVersion,
    Purchase,
    PurchaseLine,
)
from core.store.models.sending import OwnerAlert, SmsDay, SmsGatewayState, SmsStop
from core.store.models.telling import BotPace, MarketingTold, ReminderDue, ReminderMark
from core.store.models.texts import MessageText

__all__ = [
    "AuditHead",
    "AuditRow",
    "BotPace",
    "Branch",
    "Campaign",
    "CampaignPicture",
    "CampaignRecipient",
    "Card",
    "Consent",
    "Coupon",
    "CouponBatch",
    "CouponUse",
    "Customer",
    "CustomerCategory",
    "Dialogue",
    "ExportPart",
    "GiftExchange",
    "HandledUpdate",
    "HeldAccrual",
    "Hold",
    "ImportFile",
    "ImportRow",
    "Job",
    "Lease",
    "LedgerEntry",
    "Lot",
    "LotDraw",
    "ManualPoints",
    "MarketingTold",
    "Message",
    "MessageText",
    "OwnerAlert",
    "ParkedUpdate",
    "Product",
    "ProductCategory",
    "ProgrammeVersion",
    "Promotion",
    "PromotionUse",
    "Purchase",
    "PurchaseCounter",
    "PurchaseLine",
    "PurchasePayment",
    "ReferralReward",
    "Refund",
    "RefundLine",
    "Registration",
    "ReminderDue",
    "ReminderMark",
    "Review",
    "ShownCode",
    "SmsDay",
    "SmsGatewayState",
    "SmsStop",
    "StaffInvite",
    "StaffMember",
    "TelegramIdentity",
    "Tick",
    "VerificationCode",
    "Visit",
]

# Docstrings are for readers: as table comments they would end up in the schema, where SQLite's
# migrations split them at semicolons and every reworded sentence would be a migration.
for _name in __all__:
    globals()[_name]._meta.table_description = ""
