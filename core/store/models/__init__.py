"""Tables, by family. Every foreign key is RESTRICT; constraints and triggers stand in migrations."""

from core.store.models.jobs import Job, Tick
from core.store.models.machinery import AuditRow, Dialogue, HandledUpdate, Lease, Message, ParkedUpdate
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
from core.store.models.sales import (
    Hold,
    LedgerEntry,
    Lot,
    LotDraw,
    ProgrammeVersion,
    Purchase,
    PurchaseLine,
)

__all__ = [
    "AuditRow",
    "Branch",
    "Card",
    "Consent",
    "Customer",
    "Dialogue",
    "HandledUpdate",
    "Hold",
    "Job",
    "Lease",
    "LedgerEntry",
    "Lot",
    "LotDraw",
    "Message",
    "ParkedUpdate",
    "ProgrammeVersion",
    "Purchase",
    "PurchaseLine",
    "Registration",
    "ShownCode",
    "StaffInvite",
    "StaffMember",
    "TelegramIdentity",
    "Tick",
    "VerificationCode",
]

# Docstrings are for readers: as table comments they would end up in the schema, where SQLite's
# migrations split them at semicolons and every reworded sentence would be a migration.
for _name in __all__:
    globals()[_name]._meta.table_description = ""
