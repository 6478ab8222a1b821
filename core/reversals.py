"""What taking a purchase back, or a part of it, does to accounts: points given back, taken back, gifts undone.

Redeemed points return to the lots that were drawn last, as if fewer had been redeemed; earned points are taken
from their own lot first, then from others, then as a debt. What expired unspent in the own lot counts as taken,
also where it stayed with a customer who became a part of the one at hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.domain.account import Account
from core.domain.lots import EntryKind
from core.domain.refund import Totals
from core.sales import LockedSale
from core.store import friends, ledger, postings
from core.store.customers import CustomerRow

Entry = dict[str, Any]


@dataclass(slots=True)
class Reversal:
    """The accounts with what is to be posted. ``gift`` is taken back from the buyer besides the accrual.

    ``is_last``: no purchase is left that the friend's reward could rest on, and it goes with it. ``former`` are
    accounts of customers who became a part of the buyer or the inviter.
    """

    account: Account
    inviter: Account | None
    gift: int
    is_last: bool
    former: list[Account] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Side:
    """An account, and by lots, where their points may have ended with customers who became a part of it."""

    account: Account
    former: dict[int, list[tuple[Account, int]]]

    def posted_former(self) -> list[Account]:
        accounts = {account.customer_id: account for lots in self.former.values() for account, _ in lots}
        return [account for account in accounts.values() if account.postings]


def earned_in(entries: Sequence[Entry]) -> int:
    """What a purchase has really brought, in hundredths."""
    return sum(entry["points"] for entry in entries if entry["kind"] == EntryKind.ACCRUAL)


async def reverse(
    sale: LockedSale,
    entries: Sequence[Entry],
    step: Totals,
    *,
    is_whole: bool,
    key: str,
    reason: str,
    now: datetime,
    locked: bool = True,
) -> Reversal:
    """Take back and give back what ``step`` says, points returned first, so that no debt is passing.

    ``is_whole``: nothing of the purchase is left afterwards. Unlocked it is for looking only.
    """
    customer = sale.customer
    is_last = await _is_last(sale, step, is_whole=is_whole)
    # The rewards may hang on an earlier purchase that was refunded while a later one still stood.
    gifts = await postings.standing_gifts(customer.id) if is_last else []
    mine = [gift for gift in gifts if gift["customer_id"] == customer.id]
    # Whoever invited one of two customers who were merged may be nobody's inviter now, and keeps what it brought.
    theirs = [gift for gift in gifts if gift["customer_id"] == customer.referred_by_id]
    back = await _draws_back(entries, sale.row.returned_points, step.returned)
    lots = {lot_id for draws in back.values() for lot_id, _ in draws}
    side = await _load(customer, (*entries, *mine), lots, locked=locked)
    _give_back(side.account, sale, back, key, reason, now)
    for entry, part in _accruals_back(entries, sale.row.taken_back, step.taken_back):
        _take_back(side, entry, part, f"{key}:{entry['id']}", reason, sale.row.id, now)
    _undo_gifts(side, mine, sale.row.id, now)
    found = Reversal(side.account, None, sum(gift["points"] for gift in mine), is_last, side.posted_former())
    if theirs:
        other = await _inviter_without(sale, theirs, now, locked=locked)
        found.inviter = other.account
        found.former += other.posted_former()
    return found


def _give_back(
    account: Account,
    sale: LockedSale,
    back: Mapping[int, Sequence[tuple[int, int]]],
    key: str,
    reason: str,
    now: datetime,
) -> None:
    """Give redeemed points back to their lots; those that expired live on for the days of grace."""
    grace = timedelta(days=sale.row.programme.refund_grace_days)
    for entry_id, draws in back.items():
        account.give_back(
            draws,
            key=f"{key}:{entry_id}",
            now=now,
            grace=grace,
            reason=reason,
            purchase_id=sale.row.id,
            reverses_id=entry_id,
        )


async def _load(customer: CustomerRow, entries: Sequence[Entry], also: set[int], *, locked: bool) -> _Side:
    """The account with the lots of these entries and ``also``."""
    own = {entry["lot_id"] for entry in entries if entry["lot_id"] is not None}
    account = await ledger.load_account(customer.id, customer.debt, also=sorted(own | also), locked=locked)
    return _Side(account, await ledger.load_former(account, sorted(own), locked=locked))


async def _is_last(sale: LockedSale, step: Totals, *, is_whole: bool) -> bool:
    """Whether what brought a friend's reward is gone: all purchases, or all of at least the least one."""
    row, customer = sale.row, sale.customer
    if is_whole and customer.purchases <= 1:
        return True
    if customer.referral_settled_at is None:
        return False
    minimum = await friends.minimum_of(customer.id)
    if row.subtotal - row.refunded - step.amount >= minimum:
        return False
    return bool(minimum) and not await friends.has_other(customer.id, minimum, without=row.id)


async def _draws_back(
    entries: Sequence[Entry], returned_before: int, points: int
) -> dict[int, list[tuple[int, int]]]:
    """Which lots get ``points`` back, by the redemption's entry: those drawn last come first."""
    back: dict[int, list[tuple[int, int]]] = {}
    for entry in entries:
        if entry["kind"] != EntryKind.REDEMPTION or not points:
            continue
        for lot_id, drawn in reversed(await postings.draws_of(entry["id"])):
            passed = min(drawn, returned_before)
            part = min(drawn - passed, points)
            returned_before, points = returned_before - passed, points - part
            if part:
                back.setdefault(entry["id"], []).append((lot_id, part))
    return back


def _accruals_back(entries: Sequence[Entry], taken_before: int, points: int) -> list[tuple[Entry, int]]:
    """From which accruals ``points`` are taken back: from the newest payment's first, after what was taken."""
    back = []
    for entry in reversed([each for each in entries if each["kind"] == EntryKind.ACCRUAL]):
        passed = min(entry["points"], taken_before)
        part = min(entry["points"] - passed, points)
        taken_before, points = taken_before - passed, points - part
        if part:
            back.append((entry, part))
    return back


async def _inviter_without(sale: LockedSale, gifts: Sequence[Entry], now: datetime, *, locked: bool) -> _Side:
    if sale.inviter is None:
        raise AssertionError("no inviter to take back from")
    side = await _load(sale.inviter, gifts, set(), locked=locked)
    _undo_gifts(side, gifts, sale.row.id, now)
    return side


def _undo_gifts(side: _Side, gifts: Sequence[Entry], purchase_id: int, now: datetime) -> None:
    """Take gifts back, each once."""
    for gift in gifts:
        _take_back(side, gift, gift["points"], f"undo:{gift['id']}", f"{gift['reason']}_undone", purchase_id, now)


def _take_back(
    side: _Side, entry: Entry, points: int, key: str, reason: str, purchase_id: int, now: datetime
) -> None:
    """Take back what an entry brought; what expired with a former customer is taken there."""
    parts, missing = [], points
    for former, lot_id in side.former.get(entry["lot_id"], ()):
        lost = min(missing, former.expired_in(lot_id, now))
        parts += [(former, lot_id, lost)] if lost else []
        missing -= lost
    parts += [(side.account, entry["lot_id"], missing)] if missing else []
    for number, (account, lot_id, part) in enumerate(parts):
        account.take_back(
            part,
            # The first entry has the key by which it is seen that a gift was taken back.
            key=f"{key}:rest:{number}" if number else key,
            own_lot_id=lot_id,
            now=now,
            reason=reason,
            purchase_id=purchase_id,
            reverses_id=entry["id"],
        )
