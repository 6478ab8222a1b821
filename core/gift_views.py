"""What gifts for points look like: those to be had, and one that is exchanged."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.errors import CustomerUnknown, HoldGone
from core.domain.gifts import gift_number
from core.domain.programme import Programme
from core.store import customers, exchanges, holds, ledger, programmes
from core.store.customers import CustomerRow
from core.store.exchanges import ExchangeRow


@dataclass(frozen=True, slots=True)
class GiftOffer:
    """A gift to be had: ``number`` names it on a button, ``missing`` points (hundredths) are lacking."""

    number: int
    title: str
    points: int
    missing: int


@dataclass(frozen=True, slots=True)
class GiftList:
    """What a customer can have for points; ``balance`` in hundredths."""

    customer_id: int
    customer_name: str | None
    balance: int
    gifts: tuple[GiftOffer, ...]


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """An exchange as it stands: waiting, expired, done, cancelled; ``undone`` when it was done before.

    ``channel`` says how a waiting one is confirmed: ``telegram`` or ``sms``. Points in hundredths.
    """

    exchange_id: int
    customer_id: int
    customer_name: str | None
    customer_phone: str | None
    branch_name: str
    time_zone: str
    title: str
    points: int
    status: str
    undone: bool
    balance: int
    channel: str
    confirm_until: datetime
    undo_until: datetime | None


async def available(customer: CustomerRow, now: datetime) -> int:
    """Points (hundredths) that a gift may cost: active ones that nothing holds."""
    account = await ledger.load_account(customer.id, customer.debt, locked=False)
    return max(0, account.active(now) - await holds.held(customer.id, now))


async def list_for(customer_id: int, programme: Programme, now: datetime) -> GiftList:
    """The programme's gifts for points, as a customer can have them. Raises CustomerUnknown."""
    customer = await customers.get(customer_id)
    if customer is None or customer.status != "active":
        raise CustomerUnknown(phone=None)
    balance = await available(customer, now)
    offers = [
        GiftOffer(gift_number(gift), gift.title, gift.points, max(0, gift.points - balance))
        for gift in programme.gifts_for_points
    ]
    return GiftList(customer_id, customer.name, balance, tuple(offers))


async def view_exchange(exchange_id: int, now: datetime) -> ExchangeView:
    """An exchange as it stands. Raises HoldGone."""
    row = await exchanges.get(exchange_id)
    customer = await customers.get(row.customer_id) if row else None
    if row is None or customer is None:
        raise HoldGone
    undo = timedelta(minutes=(await programmes.in_force(row.branch_id)).programme.undo_minutes)
    return ExchangeView(
        exchange_id=row.id,
        customer_id=row.customer_id,
        customer_name=row.customer_name,
        customer_phone=row.customer_phone,
        branch_name=row.branch_name,
        time_zone=row.time_zone,
        title=row.title,
        points=row.points,
        status="expired" if is_late(row, now) else row.status,
        undone=row.status == "cancelled" and await exchanges.entry_of(f"gift:{row.id}") is not None,
        balance=await available(customer, now),
        channel=channel(row),
        confirm_until=row.confirm_until,
        undo_until=row.settled_at + undo if row.settled_at and row.status == "done" else None,
    )


def is_late(row: ExchangeRow, now: datetime) -> bool:
    """Whether nobody confirmed in time what waits."""
    return row.status == "waiting" and row.confirm_until <= now


def channel(row: ExchangeRow) -> str:
    """How the customer confirms: by a button when they have the bot and a verified phone, else by a code."""
    asks = row.customer_chat is not None and row.customer_phone_verified_at is not None
    return "telegram" if asks else "sms"
