"""Kinds of actors, and what the table of who may do what is made of."""

import enum
from dataclasses import dataclass, field
from typing import Any


class Who(enum.StrEnum):
    """Kinds of actors. The customer owns what is asked about; the first branch is where it was bought."""

    STRANGER = "a stranger"
    CLIENT = "a customer in the staff bot"
    CASHIER = "a cashier of the branch"
    CASHIER_ELSEWHERE = "a cashier of another branch"
    DISMISSED = "a dismissed cashier"
    OPERATOR = "an operator of the branch"
    MANAGER = "a manager of the branch"
    MANAGER_ELSEWHERE = "a manager of another branch"
    OWNER = "the owner"
    VISITOR = "a visitor"
    CUSTOMER = "the customer"
    OTHER = "another customer"
    STAFF_ACCOUNT = "a cashier in the customer bot"


OUTSIDERS = frozenset({Who.STRANGER, Who.CLIENT, Who.DISMISSED})
HERE = frozenset({Who.CASHIER, Who.OPERATOR, Who.MANAGER, Who.OWNER})
WORKERS = HERE | {Who.CASHIER_ELSEWHERE, Who.MANAGER_ELSEWHERE}
SELLERS = WORKERS - {Who.OPERATOR}
SELLERS_HERE = HERE - {Who.OPERATOR}
MANAGERS = frozenset({Who.MANAGER, Who.MANAGER_ELSEWHERE, Who.OWNER})
MANAGERS_HERE = frozenset({Who.MANAGER, Who.OWNER})
AT_HERE = frozenset({Who.CASHIER, Who.OPERATOR, Who.MANAGER})
STAFF_BOT = OUTSIDERS | WORKERS

THE_CUSTOMER = frozenset({Who.CUSTOMER})
CUSTOMERS = THE_CUSTOMER | {Who.OTHER}
NEWCOMERS = frozenset({Who.VISITOR, Who.STAFF_ACCOUNT})
CUSTOMER_BOT = CUSTOMERS | NEWCOMERS
NOBODY: frozenset[Who] = frozenset()


@dataclass(frozen=True)
class Row:
    """One way into a handler. ``says_to``: who of those in ``may`` is shown ``says``; all, unless told."""

    handler: str
    send: str
    may: frozenset[Who]
    changes: tuple[str, ...] = ()
    says: str = ""
    says_to: frozenset[Who] | None = None
    asked: str | None = None
    kept: dict[str, Any] = field(default_factory=dict)

    def same_as(self, other: "Row") -> bool:
        """Whether the same is sent with the same question open."""
        return (self.send, self.asked, self.kept) == (other.send, other.asked, other.kept)
