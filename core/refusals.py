"""Refusals that leave something written: returned out of the transaction that writes it, raised after it."""

from typing import TypeVar

from core.domain.errors import LoyaltyError

T = TypeVar("T")


def raised(outcome: T | LoyaltyError) -> T:
    """What a transaction came to. Raises what it could not raise itself without losing what it wrote."""
    if isinstance(outcome, LoyaltyError):
        raise outcome
    return outcome
