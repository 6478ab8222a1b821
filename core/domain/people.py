"""People of the programme and what they may do."""

import enum
from collections.abc import Mapping
from types import MappingProxyType


class Right(enum.StrEnum):
    """What a verb of the staff bot asks of who calls it."""

    SERVE = "serve"  # find, register and edit customers, their cards and visits; look at the shift
    SELL = "sell"  # sales, undoing and refunding them, later payments
    SPEND = "spend"  # spend a customer's points: in a sale or on a gift
    ASK_POINTS = "ask_points"  # ask for points by hand, for somebody else to confirm
    GIVE_POINTS = "give_points"  # give and take points by hand, decide on accruals that are held
    MANAGE = "manage"  # the office, for the own branch
    OWN = "own"  # the office, for the whole merchant


class Role(enum.StrEnum):
    """A staff member's role, the lowest rank first. RIGHTS says what each may do."""

    CASHIER = "cashier"
    OPERATOR = "operator"
    MANAGER = "manager"
    OWNER = "owner"

    @property
    def rank(self) -> int:
        return list(Role).index(self)

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self]

    def is_above(self, other: "Role") -> bool:
        """Whether somebody of this role appoints and dismisses those of the other: owners see to owners too."""
        return self.rank > other.rank or self is Role.OWNER


MANAGERS = tuple(role.value for role in Role if role.rank >= Role.MANAGER.rank)
"""The roles that are told what needs somebody who decides."""

_SELLER = frozenset({Right.SERVE, Right.SELL, Right.SPEND})
_MANAGER = _SELLER | {Right.ASK_POINTS, Right.GIVE_POINTS, Right.MANAGE}
RIGHTS: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {
        Role.CASHIER: _SELLER,
        Role.OPERATOR: frozenset({Right.SERVE, Right.ASK_POINTS}),
        Role.MANAGER: _MANAGER,
        Role.OWNER: _MANAGER | {Right.OWN},
    }
)
"""Who may do what: the one table. An operator of the contact centre neither sells nor spends points."""


LONGEST_KEY = 64
"""What a name's column holds. Folding makes two or three letters of some, as "ss" of "ß"."""


def name_key(name: str | None) -> str:
    """What people are sorted by: case-folded, ё as е, since servers without ICU sort by code point."""
    return (name or "").casefold().replace("ё", "е")[:LONGEST_KEY]


def masked_name(name: str | None) -> str:
    """A name that says little of its bearer: «Анна Петрова» as «А*** П***»; empty for none."""
    return " ".join(f"{word[0]}***" for word in (name or "").split())


def name_tail_key(name: str | None) -> str:
    """The sorting key read from the name's last word on: «Анна Петрова» as «петрова анна»; empty for one word.

    So that people are found by either word.
    """
    rest, _, last = name_key(name).rpartition(" ")
    return f"{last} {rest}" if rest else ""
