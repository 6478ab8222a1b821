"""Finding a customer: by phone, card, shown code or QR; and who stands behind a Telegram account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core.actors import CustomerActor, StaffActor, Visitor
from core.deps import Deps
from core.domain.cards import HIGH, LOW, may_be_new_card, may_be_shown_code, parse_card
from core.domain.errors import (
    CardBlocked,
    CardUnbound,
    CardUnknown,
    CustomerUnknown,
    InvalidCard,
    LoyaltyError,
    PhoneMistyped,
    ShownCodeStale,
)
from core.domain.ladder import Turnover
from core.domain.local_days import local_day
from core.domain.people import Right
from core.domain.rules import Metrics
from core.domain.standing import Follows, follows
from core.keyring import looks_like_card_qr
from core.store import cards as card_rows
from core.store import customers, identities, programmes, reads
from core.store.customers import CustomerRow

_BIRTHDAY_NEAR_DAYS = 7
_NOT_THIS_ONE = (InvalidCard, CardUnknown, CardBlocked, CardUnbound, CustomerUnknown, ShownCodeStale)


@dataclass(frozen=True, slots=True)
class Panel:
    """What the till sees of a customer. Points in hundredths; ``birthday_in`` days when it is near.

    ``categories`` are their names in one line; ``unpaid_id`` is the last purchase that was paid in part.
    """

    customer_id: int
    name: str | None
    phone: str | None
    phone_verified: bool
    card_number: str | None
    points: int
    purchases: int
    last_purchase_at: datetime | None
    birthday_in: int | None
    has_chat: bool
    birthday: date | None
    follows: Follows
    categories: str | None
    last_visit_at: datetime | None
    visits_on: bool
    unpaid_id: int | None
    has_gifts: bool = False
    has_products: bool = False


def _actor(
    telegram_id: int, language: str, row: CustomerRow | None, chosen: str | None
) -> CustomerActor | Visitor:
    if row is None:
        return Visitor(telegram_id, chosen or language)
    return CustomerActor(row.id, telegram_id, row.language, row.name)


@dataclass(frozen=True, slots=True)
class Identification:
    """Who is it."""

    deps: Deps

    async def customer(self, telegram_id: int, language: str) -> CustomerActor | Visitor:
        """The actor behind an account of the customer bot; ``language`` is its client's. One statement."""
        return (await self.customers([(telegram_id, language)]))[0]

    async def customers(self, accounts: Sequence[tuple[int, str]]) -> list[CustomerActor | Visitor]:
        """The same for several (account, language of its client), in their order. One statement."""
        found = await customers.accounts([telegram_id for telegram_id, _ in accounts])
        return [
            _actor(telegram_id, language, *found.get(telegram_id, (None, None)))
            for telegram_id, language in accounts
        ]

    async def note_block(self, bot: str, telegram_id: int, *, blocked: bool) -> None:
        """The account stopped the bot, and nothing is sent there any more; or it let the bot in again."""
        await identities.mark_blocked(bot, telegram_id, self.deps.clock.now() if blocked else None)

    async def by_phone(self, actor: StaffActor, phone: str) -> Panel:
        """Raises CustomerUnknown with the phone asked for."""
        actor.require(Right.SERVE)
        row = await customers.by_phone(phone)
        if row is None or row.status != "active":
            raise CustomerUnknown(phone=phone)
        return await self.panel(actor, row.id)

    async def by_card(self, actor: StaffActor, number: str) -> Panel:
        """Raises CardUnknown, CardBlocked, CardUnbound."""
        actor.require(Right.SERVE)
        found = await card_rows.by_number(number)
        if found is None:
            raise CardUnknown(number=number)
        if found["status"] == "blocked":
            raise CardBlocked(number=number)
        if found["customer_id"] is None:
            raise CardUnbound(number=number)
        return await self.panel(actor, found["customer_id"])

    async def by_shown_code(self, actor: StaffActor, code: str) -> Panel:
        """The six digits on the customer's screen. Raises ShownCodeStale."""
        actor.require(Right.SERVE)
        found = await reads.shown_code(code)
        if found is None or found["expires_at"] <= self.deps.clock.now():
            raise ShownCodeStale(typed=True)
        return await self.panel(actor, found["customer_id"])

    async def by_digits(self, actor: StaffActor, digits: str) -> Panel:
        """Digits typed at the till: a code on a customer's screen, else a card with that number.

        What nobody knows is a new card (CardUnknown) only when it can be one: what has the form of a code
        raises ShownCodeStale, and a phone with a slip in it PhoneMistyped.
        """
        if may_be_shown_code(digits):
            try:
                return await self.by_shown_code(actor, digits)
            except ShownCodeStale:
                if await card_rows.by_number(digits) is None:
                    raise
        try:
            return await self.by_card(actor, digits)
        except CardUnknown:
            if may_be_new_card(digits, self.deps.region):
                raise
            raise PhoneMistyped(digits=digits) from None

    async def by_scan(self, actor: StaffActor, text: str) -> Panel:
        """A QR of the customer bot, or a card's barcode. Raises ShownCodeStale and what by_card raises."""
        actor.require(Right.SERVE)
        if not looks_like_card_qr(text):
            return await self.by_card(actor, parse_card(text))
        signed = self.deps.keys.read_card(text)
        if signed is None or signed[1] <= self.deps.clock.now().timestamp():
            raise ShownCodeStale(typed=False)
        return await self.panel(actor, signed[0])

    async def by_scans(self, actor: StaffActor, texts: Sequence[str]) -> Panel:
        """The first of several codes in one photo that identifies a customer.

        When none does, raises what the first one that could be a card raised, else InvalidCard.
        """
        refusals: list[LoyaltyError] = []
        for text in texts:
            try:
                return await self.by_scan(actor, text)
            except _NOT_THIS_ONE as refusal:
                refusals.append(refusal)
        cards = (refusal for refusal in refusals if not isinstance(refusal, InvalidCard))
        raise next(cards, InvalidCard(low=LOW, high=HIGH))

    async def panel(self, actor: StaffActor, customer_id: int) -> Panel:
        """The customer's panel. Raises CustomerUnknown."""
        actor.require(Right.SERVE)
        now = self.deps.clock.now()
        row = await reads.panel(customer_id, actor.branch_id, now)
        if row is None or row["status"] != "active":
            raise CustomerUnknown(phone=None)
        born = date.fromisoformat(row["birthday"]) if isinstance(row["birthday"], str) else row["birthday"]
        programme = programmes.programme_of(row["settings"], row["branch_settings"])
        turnover = Turnover(row["sold"], row["paid"], row["visits"])
        return Panel(
            row["id"],
            row["name"],
            row["phone"],
            row["phone_verified_at"] is not None,
            row["card_number"],
            max(0, int(row["points"]) - int(row["held"])),
            row["purchases"],
            row["last_purchase_at"],
            _days_to_birthday(born, local_day(now, actor.time_zone)),
            bool(row["has_chat"]),
            born,
            follows(programme, Metrics(turnover, row["last_visit_at"], now)),
            row["categories"],
            row["last_visit_at"],
            programme.visits_on,
            row["unpaid_id"],
            bool(programme.gifts_for_points),
            bool(row["has_products"]),
        )


def _days_to_birthday(born: date | None, today: date) -> int | None:
    """Days until the birthday when it is at most a week away; 29 February counts as 1 March elsewhere."""
    if born is None:
        return None
    for year in (today.year, today.year + 1):
        try:
            day = born.replace(year=year)
        except ValueError:
            day = date(year, 3, 1)
        if 0 <= (day - today).days <= _BIRTHDAY_NEAR_DAYS:
            return (day - today).days
    return None
