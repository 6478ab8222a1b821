"""Customers as the merchant looks at them: lists, search, one whole, edited, blocked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from core.actors import StaffActor
from core.deps import Deps
from core.domain.errors import CustomerUnknown, InvalidSetting, NameTooShort
from core.domain.people import Right, name_key
from core.identification import Identification, Panel
from core.preferences import LANGUAGES
from core.store import audit, card_pool, customers, directory
from core.store.card_pool import CardRow
from core.store.directory import SORTS, Bought, Listed
from core.store.transactions import run_in_transaction

PAGE = 8
FOUND = 10
LEAST_LETTERS = 3

__all__ = ["SORTS", "Bought", "CustomerPage", "Directory", "Listed", "Profile"]


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """A page of a sorted list; ``newer`` and ``older`` say whether there are pages before and after it."""

    sort: str
    customers: tuple[Listed, ...]
    newer: bool
    older: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """A customer whole, for managers. Money in minor units, moments in UTC."""

    panel: Panel
    language: str
    sold: int
    paid: int
    visits: int
    registered_at: datetime | None
    blocked_at: datetime | None
    cards: tuple[CardRow, ...]


@dataclass(frozen=True, slots=True)
class Directory:
    """All customers."""

    deps: Deps
    identification: Identification

    async def size(self, actor: StaffActor) -> int:
        """How many customers there are. Raises NotAllowed."""
        actor.require(Right.MANAGE)
        return await directory.size()

    async def page(
        self, actor: StaffActor, sort: str, after: int | None = None, *, backwards: bool = False
    ) -> CustomerPage:
        """Customers after the one with this cursor, or before it. Raises InvalidSetting, NotAllowed."""
        actor.require(Right.MANAGE)
        if sort not in SORTS:
            raise InvalidSetting(name="sort", low=None, high=None)
        found = await directory.page(sort, after, PAGE + 1, self.deps.clock.now(), backwards=backwards)
        more = len(found) > PAGE
        shown = found[-PAGE:] if backwards else found[:PAGE]
        newer, older = (more, True) if backwards else (after is not None, more)
        return CustomerPage(sort, tuple(shown), newer, older)

    async def search(self, actor: StaffActor, text: str) -> tuple[Listed, ...]:
        """Customers found by a name's beginning (or its last word's), a phone's or a card's; at most ten.

        Raises NameTooShort, NotAllowed.
        """
        actor.require(Right.SERVE)
        digits = "".join(char for char in text if char.isdigit())
        is_number = bool(digits) and not any(char.isalpha() for char in text)
        ids = await self._by_digits(digits) if is_number else await self._by_name(text)
        rows = await directory.listed(ids, self.deps.clock.now())
        return tuple(Listed(**(rows[each] | {"cursor": each})) for each in ids if each in rows)

    async def _by_name(self, text: str) -> list[int]:
        key = " ".join(name_key(text).split())
        if sum(char.isalpha() for char in key) < LEAST_LETTERS:
            raise NameTooShort(low=LEAST_LETTERS)
        return await directory.named(key, FOUND)

    async def _by_digits(self, digits: str) -> list[int]:
        """A beginning as it was typed; at home also with 8 for the country, or without it."""
        if len(digits) < LEAST_LETTERS:
            raise NameTooShort(low=LEAST_LETTERS)
        ways = [digits]
        if self.deps.region == "RU":
            ways += [f"7{digits[1:]}"] if digits.startswith("8") else [f"7{digits}"] if digits[0] == "9" else []
        found: list[int] = []
        for way in ways:
            found += await directory.numbered(way[:20], FOUND)
        return list(dict.fromkeys(found))[:FOUND]

    async def profile(self, actor: StaffActor, customer_id: int) -> Profile:
        """Raises CustomerUnknown, NotAllowed."""
        actor.require(Right.MANAGE)
        panel = await self.identification.panel(actor, customer_id)
        row = await customers.get(customer_id)
        if row is None:
            raise CustomerUnknown(phone=None)
        cards = tuple(await card_pool.of_customer(customer_id))
        figures = (row.sold, row.paid, row.visits)
        return Profile(panel, row.language, *figures, row.created_at, row.blocked_at, cards)

    async def purchases(
        self, actor: StaffActor, customer_id: int, page: int = 0
    ) -> tuple[str | None, tuple[Bought, ...], bool]:
        """The customer's name, a page of their purchases in all branches, the newest first, and whether there are
        more. Raises CustomerUnknown, NotAllowed.
        """
        actor.require(Right.MANAGE)
        row = await customers.get(customer_id)
        if row is None or row.status != "active":
            raise CustomerUnknown(phone=None)
        found = await directory.purchases(customer_id, page * PAGE, PAGE + 1)
        return row.name, tuple(found[:PAGE]), len(found) > PAGE

    async def edit(
        self,
        actor: StaffActor,
        customer_id: int,
        *,
        name: str | None = None,
        birthday: date | None = None,
        language: str | None = None,
    ) -> None:
        """Change what is given; what is None stays.

        Raises CustomerUnknown, InvalidSetting, OwnAccount, NotAllowed.
        """
        actor.require(Right.MANAGE)
        if language is not None and language not in LANGUAGES:
            raise InvalidSetting(name="language", low=None, high=None)
        told = {"name": name, "birthday": birthday, "language": language}
        changes = {field: value for field, value in told.items() if value is not None}
        await self._change(actor, customer_id, "customer.edited", changes, {"fields": sorted(changes)})

    async def block(self, actor: StaffActor, customer_id: int) -> None:
        """The customer earns and spends nothing until they are unblocked.

        Raises CustomerUnknown, OwnAccount, NotAllowed.
        """
        actor.require(Right.MANAGE)
        await self._change(actor, customer_id, "customer.blocked", {"blocked_at": self.deps.clock.now()}, None)

    async def unblock(self, actor: StaffActor, customer_id: int) -> None:
        """Raises CustomerUnknown, OwnAccount, NotAllowed."""
        actor.require(Right.MANAGE)
        await self._change(actor, customer_id, "customer.unblocked", {"blocked_at": None}, None)

    async def _change(
        self,
        actor: StaffActor,
        customer_id: int,
        action: str,
        changes: Mapping[str, object],
        after: dict[str, object] | None,
    ) -> None:
        actor.refuse_own(customer_id)

        async def work() -> None:
            found = (await customers.lock(customer_id)).get(customer_id)
            if found is None or found.status != "active":
                raise CustomerUnknown(phone=None)
            before = {name: getattr(found, name) for name in changes}
            if all(before[name] == value for name, value in changes.items()) or (
                action == "customer.blocked" and found.blocked_at is not None
            ):
                return
            await customers.update(customer_id, **changes)
            now = self.deps.clock.now()
            await audit.note(
                action, "customer", customer_id, actor_kind="staff", actor_id=actor.id, now=now, after=after
            )

        await run_in_transaction(work)
