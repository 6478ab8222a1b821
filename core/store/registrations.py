"""Registrations begun at the till."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.store.sql import fetch, fetch_one, moment


@dataclass(frozen=True, slots=True)
class RegistrationRow:
    """A questionnaire filled in at the till."""

    id: int
    phone: str
    name: str | None
    birthday: date | None
    card_number: str | None
    branch_id: int
    staff_member_id: int
    status: str
    customer_id: int | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Answers:
    """What a questionnaire says, and until when it can be acted on."""

    name: str | None
    birthday: date | None
    card_number: str | None
    expires_at: datetime


def _row(found: dict[str, Any]) -> RegistrationRow:
    values = {name: found[name] for name in RegistrationRow.__slots__}
    values["expires_at"] = moment(found["expires_at"])
    if isinstance(values["birthday"], str):
        values["birthday"] = date.fromisoformat(values["birthday"])
    return RegistrationRow(**values)


async def insert(phone: str, answers: Answers, *, branch_id: int, staff_member_id: int, now: datetime) -> int:
    """Keep a new questionnaire; its id."""
    rows = await fetch(
        "INSERT INTO registration (phone, name, birthday, card_number, branch_id, staff_member_id, status, "
        "created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8) RETURNING id",
        phone,
        answers.name,
        answers.birthday,
        answers.card_number,
        branch_id,
        staff_member_id,
        now,
        answers.expires_at,
    )
    return int(rows[0]["id"])


async def answer_again(phone: str, answers: Answers, *, staff_member_id: int, now: datetime) -> int | None:
    """Put new answers into the member's open questionnaire for this phone; None when there is none."""
    found = await fetch_one(
        "UPDATE registration SET name = $3, birthday = $4, card_number = $5, "
        "expires_at = CASE WHEN expires_at > $6 THEN expires_at ELSE $6 END "
        "WHERE id = (SELECT max(id) FROM registration WHERE phone = $1 AND staff_member_id = $2 "
        "AND status = 'open' AND expires_at > $7) RETURNING id",
        phone,
        staff_member_id,
        answers.name,
        answers.birthday,
        answers.card_number,
        answers.expires_at,
        now,
    )
    return int(found["id"]) if found else None


async def get(registration_id: int, *, locked: bool = False) -> RegistrationRow | None:
    for_update = " FOR UPDATE" if locked else ""
    found = await fetch_one(f"SELECT * FROM registration WHERE id = $1{for_update}", registration_id)
    return _row(found) if found else None


async def by_token(token_hash: str, *, locked: bool = False) -> RegistrationRow | None:
    for_update = " FOR UPDATE" if locked else ""
    found = await fetch_one(f"SELECT * FROM registration WHERE token_hash = $1{for_update}", token_hash)
    return _row(found) if found else None


async def set_token(registration_id: int, token_hash: str, expires_at: datetime) -> None:
    await fetch(
        "UPDATE registration SET token_hash = $2, expires_at = $3 WHERE id = $1",
        registration_id,
        token_hash,
        expires_at,
    )


async def made_its_customer(registration_id: int) -> bool:
    """Whether the customer of a finished registration was new by it, and not known before."""
    return bool(
        await fetch(
            "SELECT r.id FROM registration r JOIN customer c ON c.id = r.customer_id "
            "WHERE r.id = $1 AND c.registered_by_id = r.staff_member_id AND c.created_at >= r.created_at",
            registration_id,
        )
    )


async def finish(registration_id: int, customer_id: int) -> None:
    await fetch(
        "UPDATE registration SET status = 'done', customer_id = $2 WHERE id = $1", registration_id, customer_id
    )
