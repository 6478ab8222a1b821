"""Who may do what, who sees to whom, and what of a name is shown and searched."""

import pytest

from core.domain import people
from core.domain.people import Right, Role, masked_name, name_key, name_tail_key

SELLERS = {Right.SERVE, Right.SELL, Right.SPEND}
MANAGERS = SELLERS | {Right.ASK_POINTS, Right.GIVE_POINTS, Right.MANAGE}


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.CASHIER, SELLERS),
        (Role.OPERATOR, {Right.SERVE, Right.ASK_POINTS}),
        (Role.MANAGER, MANAGERS),
        (Role.OWNER, MANAGERS | {Right.OWN}),
    ],
)
def test_a_role_may_do_what_is_its_own_and_nothing_else(role: Role, may: set[Right]) -> None:
    assert {right for right in Right if role.may(right)} == may


@pytest.mark.parametrize(
    ("role", "others"),
    [
        (Role.CASHIER, set()),
        (Role.OPERATOR, {Role.CASHIER}),
        (Role.MANAGER, {Role.CASHIER, Role.OPERATOR}),
        (Role.OWNER, {Role.CASHIER, Role.OPERATOR, Role.MANAGER, Role.OWNER}),
    ],
)
def test_everybody_is_above_lower_ranks_and_owners_above_owners_too(role: Role, others: set[Role]) -> None:
    assert {other for other in Role if role.is_above(other)} == others


def test_what_managers_are_told_owners_are_told_too() -> None:
    assert people.MANAGERS == ("manager", "owner")


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Анна Петрова", "А*** П***"),
        (" Анна  Мария Петрова ", "А*** М*** П***"),
        ("Я", "Я***"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_masked_name_is_its_first_letters(name: str | None, masked: str) -> None:
    assert masked_name(name) == masked


@pytest.mark.parametrize(
    ("name", "tail"),
    [
        ("Анна Петрова", "петрова анна"),
        ("Анна Мария Королёва", "королева анна мария"),
        ("Анна", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_name_is_found_by_its_last_word_too(name: str | None, tail: str) -> None:
    assert name_tail_key(name) == tail


def test_a_key_is_no_longer_than_the_column_of_a_name() -> None:
    assert name_key("Я" * 64) == "я" * 64
    assert name_key("ß" * 64) == "s" * 64
    assert len(name_tail_key("ß" * 31 + " " + "ß" * 32)) == 64
