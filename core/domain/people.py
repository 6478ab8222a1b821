"""People of the programme and what they may do."""

import enum


class Role(enum.StrEnum):
    """A staff member's role; each may do all that the ones before it may."""

    CASHIER = "cashier"
    OPERATOR = "operator"
    MANAGER = "manager"
    OWNER = "owner"

    @property
    def rank(self) -> int:
        return list(Role).index(self)


def name_key(name: str | None) -> str:
    """What people are sorted by: case-folded, ё as е, since servers without ICU sort by code point."""
    return (name or "").casefold().replace("ё", "е")


def masked_name(name: str | None) -> str:
    """A name that says little of its bearer: «Анна Петрова» as «А*** П***»; empty for none."""
    return " ".join(f"{word[0]}***" for word in (name or "").split())
