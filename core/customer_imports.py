"""Customers from files. Nobody is registered twice: who is known by phone is filled in, who is not is made.

A new customer's points are an adjustment, so they count as nothing bought; sums of purchases are not taken over,
since each would have to be proved by a purchase. The phone is proved by the customer's first own contact or code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.deps import Deps
from core.domain.account import Account
from core.domain.amounts import parse_hundredths
from core.domain.cards import HIGH, LOW, new_promo_code, parse_card
from core.domain.expiry import expires_at, rolling_days
from core.domain.lots import EntryKind
from core.domain.people import Right
from core.domain.phone import parse_phone
from core.import_kinds import ADDED, CHANGED, SAME, Column, ImportKind, Loader, Outcome, Wrong
from core.preferences import LANGUAGES
from core.store import card_pool, customers, ledger, newcomers, programmes
from core.store.newcomers import Known, Newcomer

KIND = "customers"
LONGEST_NAME = 64
MOST_POINTS = 1_000_000_00
OLDEST = 1900
TAKEN = "card_taken"
REASON = "import"
_LANGUAGES = {"ru": "ru", "рус": "ru", "русский": "ru", "russian": "ru", "en": "en", "английский": "en"}


@dataclass(frozen=True, slots=True)
class CustomerImport:
    """The kind of import, in the merchant's country."""

    deps: Deps

    def kind(self) -> ImportKind:
        """Columns: phone (the only one that must be there), name, birthday, card, points, language."""
        problems = {
            TAKEN: {
                "ru": "карта другого клиента или заблокирована",
                "en": "a card that is another customer's, or blocked",
            }
        }
        return ImportKind(
            KIND, (self._phone(), *_COLUMNS), self._compare, self._apply, right=Right.OWN, problems=problems
        )

    def _phone(self) -> Column:
        return Column(
            "phone",
            {"ru": "Телефон", "en": "Phone"},
            {"ru": "телефон, например 8 916 123-45-67", "en": "a phone, such as +7 916 123-45-67"},
            lambda cell: parse_phone(cell, self.deps.region),
            ("номер телефона", "мобильный", "мобильный телефон", "тел", "phone number", "mobile"),
            required=True,
            unique=True,
        )

    async def _compare(self, rows: Sequence[dict[str, Any]], by: Loader) -> Sequence[Outcome]:
        known = await newcomers.by_phones([row["phone"] for row in rows])
        cards = await card_pool.known([row["card"] for row in rows if row.get("card")])
        return [_outcome(row, known.get(row["phone"]), cards) for row in rows]

    async def _apply(self, rows: Sequence[dict[str, Any]], by: Loader) -> Sequence[Outcome]:
        outcomes = list(await self._compare(rows, by))
        known = await newcomers.by_phones([row["phone"] for row in rows])
        fresh = [row for row, outcome in zip(rows, outcomes, strict=True) if outcome == ADDED]
        codes = await _codes(len(fresh))
        people = [self._newcomer(row, code) for row, code in zip(fresh, codes, strict=True)]
        made = await newcomers.add(people, by.branch_id, by.author_id, by.now)
        # Somebody who came by themselves meanwhile is known, and the file's points are not given to them.
        outcomes = [
            SAME if outcome == ADDED and row["phone"] not in made else outcome
            for row, outcome in zip(rows, outcomes, strict=True)
        ]
        await self._give_points([row for row in fresh if row["phone"] in made], made, by)
        cards = [(row["card"], made[row["phone"]]) for row in fresh if row.get("card") and row["phone"] in made]
        for row, outcome in zip(rows, outcomes, strict=True):
            if outcome == CHANGED:
                cards += await _fill_in(row, known[row["phone"]])
        await newcomers.bind(cards, by.now)
        return outcomes

    def _newcomer(self, row: dict[str, Any], code: str) -> Newcomer:
        born = row.get("birthday")
        language = row.get("language") or self.deps.language
        return Newcomer(row["phone"], row.get("name"), date.fromisoformat(born) if born else None, language, code)

    async def _give_points(self, rows: Sequence[dict[str, Any]], made: dict[str, int], by: Loader) -> None:
        programme = (await programmes.in_force()).programme
        ends = expires_at(programme.expiry, programme.expiry_days, by.now, self.deps.time_zone)
        accounts = []
        for row in rows:
            if not row.get("points"):
                continue
            account = Account(made[row["phone"]], 0, [])
            account.grant(
                EntryKind.ADJUSTMENT,
                row["points"],
                key=f"import:{by.file_id}:{made[row['phone']]}",
                now=by.now,
                activates_at=by.now,
                expires_at=ends,
                rolling_days=rolling_days(programme.expiry, programme.expiry_days),
                reason=REASON,
            )
            accounts.append(account)
        await ledger.write(accounts, ledger.Origin(by.now, by.branch_id, by.author_id))


def _outcome(row: dict[str, Any], known: Known | None, cards: dict[str, tuple[str, int | None]]) -> Outcome:
    card = row.get("card")
    if card and card in cards:
        status, whose = cards[card]
        if status == "blocked" or (status == "bound" and (known is None or whose != known.id)):
            return Wrong("card", TAKEN)
    if known is None:
        return ADDED
    fills = (row.get("name") and not known.has_name) or (row.get("birthday") and not known.has_birthday)
    return CHANGED if fills or (card and not known.has_card) else SAME


async def _fill_in(row: dict[str, Any], known: Known) -> list[tuple[str, int]]:
    """Write what a known customer never told; returns the card that they have yet to get."""
    changes: dict[str, Any] = {}
    if row.get("name") and not known.has_name:
        changes["name"] = row["name"]
    if row.get("birthday") and not known.has_birthday:
        changes["birthday"] = date.fromisoformat(row["birthday"])
    if changes:
        await customers.lock(known.id)
        await customers.update(known.id, **changes)
    return [(row["card"], known.id)] if row.get("card") and not known.has_card else []


async def _codes(count: int) -> list[str]:
    """So many promo codes that nobody has."""
    codes: set[str] = set()
    while len(codes) < count:
        more = {new_promo_code() for _ in range(count - len(codes))}
        codes |= more - await newcomers.taken_codes(sorted(more))
    return sorted(codes)


def _name(cell: str) -> str:
    name = " ".join("".join(char if char.isprintable() else " " for char in cell).split())
    if not any(char.isalpha() for char in name) or len(name) > LONGEST_NAME:
        raise ValueError("not a name")
    return name


def _birthday(cell: str) -> str:
    """``05.03.1990`` or ``1990-03-05``, as ISO."""
    day = cell.split(" ")[0]
    if "." in day:
        parts = day.split(".")
        day = f"{parts[2]}-{parts[1]:0>2}-{parts[0]:0>2}" if len(parts) == 3 else ""
    born = date.fromisoformat(day)
    if born.year < OLDEST:
        raise ValueError("too old")
    return born.isoformat()


def _points(cell: str) -> int:
    return parse_hundredths(cell, low=0, high=MOST_POINTS)


def _language(cell: str) -> str:
    found = _LANGUAGES.get(cell.casefold())
    if found not in LANGUAGES:
        raise ValueError("no such language")
    return found


_COLUMNS = (
    Column(
        "name",
        {"ru": "Имя", "en": "Name"},
        {"ru": f"имя до {LONGEST_NAME} знаков", "en": f"a name of up to {LONGEST_NAME} characters"},
        _name,
        ("фио", "клиент", "имя клиента", "покупатель", "customer", "full name"),
    ),
    Column(
        "birthday",
        {"ru": "День рождения", "en": "Birthday"},
        {"ru": "дата, например 05.03.1990", "en": "a date, such as 1990-03-05"},
        _birthday,
        ("дата рождения", "др", "birth date", "date of birth"),
    ),
    Column(
        "card",
        {"ru": "Карта", "en": "Card"},
        {"ru": f"от {LOW} до {HIGH} цифр", "en": f"{LOW} to {HIGH} digits"},
        parse_card,
        ("номер карты", "card number", "штрихкод карты"),
        unique=True,
    ),
    Column(
        "points",
        {"ru": "Баллы", "en": "Points"},
        {"ru": "число от 0 до 1 000 000, например 150,50", "en": "a number from 0 to 1,000,000, such as 150.50"},
        _points,
        ("бонусы", "баланс", "остаток баллов", "bonuses", "balance"),
    ),
    Column(
        "language",
        {"ru": "Язык", "en": "Language"},
        {"ru": "ru или en", "en": "ru or en"},
        _language,
        ("lang",),
    ),
)
