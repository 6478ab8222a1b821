"""The ledger's writer by itself: what of an account comes into which column, and nothing else."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.actors import StaffActor
from core.domain.account import Account
from core.domain.lots import EntryKind
from core.keyring import fingerprint
from core.merging import move_balance
from core.services import Services
from core.store import expiry, ledger
from core.store.sql import fetch, moment, moment_or_none
from tests.conftest import ManualClock, enrol
from tests.core.kit import buy

DAY = timedelta(days=1)
GRACE = timedelta(days=14)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the writer asks of the database."""
    asked: list[str] = []

    async def listened(statement: str, *values: Any) -> list[dict[str, Any]]:
        asked.append(statement)
        return await fetch(statement, *values)

    monkeypatch.setattr(ledger, "fetch", listened)
    return asked


async def rows(table: str) -> list[dict[str, Any]]:
    """A table's rows in order, with moments read."""
    found = await fetch(f"SELECT * FROM {table} ORDER BY id")
    return [
        {name: moment_or_none(value) if name.endswith("_at") else value for name, value in row.items()}
        for row in found
    ]


def grant(account: Account, points: int, key: str, now: datetime, **more: Any) -> None:
    terms = {"activates_at": now + DAY, "expires_at": now + 3 * DAY} | more
    account.grant(EntryKind.GIFT, points, key=key, now=now, **terms)


async def test_a_grant_is_an_entry_and_a_lot(
    core: Services, cashier: StaffActor, clock: ManualClock, statements: list[str]
) -> None:
    customer, now = await enrol(core, 1), clock.now()
    purchase = (await core.till.open_sale(cashier, customer, 100_00, key="sale")).purchase_id
    statements.clear()
    account = await ledger.load_account(customer, 30_00)
    grant(account, 100_00, "gift", now, reason="because", purchase_id=purchase)
    await ledger.write([account], ledger.Origin(now, cashier.branch_id, cashier.id))
    (entry,), (lot,), (draw,) = await rows("ledger_entry"), await rows("lot"), await rows("lot_draw")
    inputs = {"customer": customer, "kind": "gift", "points": 100_00, "purchase": purchase, "reason": "because"}
    assert entry == {
        "id": entry["id"],
        "customer_id": customer,
        "kind": "gift",
        "points": 100_00,
        "debt_change": -30_00,
        "purchase_id": purchase,
        "reverses_id": None,
        "branch_id": cashier.branch_id,
        "author_id": cashier.id,
        "reason": "because",
        "request_key": "gift",
        "input_hash": fingerprint(**inputs),
        "created_at": now,
    }
    assert lot == {
        "id": lot["id"],
        "customer_id": customer,
        "entry_id": entry["id"],
        "granted": 100_00,
        "remaining": 70_00,
        "activates_at": now + DAY,
        "expires_at": now + 3 * DAY,
        "rolling_days": None,
        "created_at": now,
    }
    assert draw == {"id": draw["id"], "entry_id": entry["id"], "lot_id": lot["id"], "points": 30_00}
    assert (account.lots[0].id, account.lots[0].entry_id, account.postings) == (lot["id"], entry["id"], [])
    assert [statement.split()[0] for statement in statements] == ["SELECT", "INSERT", "INSERT", "INSERT"]


async def test_nothing_posted_is_nothing_asked(core: Services, clock: ManualClock, statements: list[str]) -> None:
    await ledger.write([Account(1, 0, []), Account(2, 0, [])], ledger.Origin(clock.now()))
    assert not statements


async def test_older_lots_are_changed_and_no_others(
    core: Services, clock: ManualClock, statements: list[str]
) -> None:
    customer, now = await enrol(core, 1), clock.now()
    account = await ledger.load_account(customer, 0)
    for number, ends in enumerate((now + DAY, now + 2 * DAY, None, now + 3 * DAY)):
        grant(account, 100_00, f"gift:{number}", now, activates_at=now, expires_at=ends)
    await ledger.write([account], ledger.Origin(now))
    before = await rows("lot")
    account = await ledger.load_account(customer, 0)
    statements.clear()
    account.redeem(150_00, key="spend", now=now, purchase_id=None)
    await ledger.write([account], ledger.Origin(now))
    assert [statement.split()[0] for statement in statements] == ["INSERT", "UPDATE", "INSERT"]
    after = await rows("lot")
    assert [lot["remaining"] for lot in after] == [0, 50_00, 100_00, 100_00]
    assert [lot | {"remaining": 100_00} for lot in after] == before
    spent = (await rows("ledger_entry"))[-1]
    draws = [(draw["entry_id"], draw["lot_id"], draw["points"]) for draw in await rows("lot_draw")]
    assert draws == [(spent["id"], after[0]["id"], 100_00), (spent["id"], after[1]["id"], 50_00)]
    assert (spent["points"], spent["branch_id"], spent["author_id"]) == (-150_00, None, None)


async def test_a_grace_is_written_with_what_returns(core: Services, clock: ManualClock) -> None:
    customer, now = await enrol(core, 1), clock.now()
    account = await ledger.load_account(customer, 0)
    grant(account, 100_00, "gift", now, activates_at=now)
    await ledger.write([account], ledger.Origin(now))
    lot_id = account.lots[0].id or 0
    account.redeem(40_00, key="spend", now=now, purchase_id=None)
    await ledger.write([account], ledger.Origin(now))
    spent = (await rows("ledger_entry"))[-1]["id"]
    later = now + 3 * DAY
    account = await ledger.load_account(customer, 0)
    account.give_back([(lot_id, 40_00)], key="back", now=later, grace=GRACE, reason="undone", reverses_id=spent)
    await ledger.write([account], ledger.Origin(later))
    (lot,) = await rows("lot")
    assert (lot["remaining"], lot["expires_at"], lot["activates_at"]) == (40_00, later + GRACE, now)
    expired, returned = (await rows("ledger_entry"))[-2:]
    assert [(each["kind"], each["points"]) for each in (expired, returned)] == [
        ("expiry", -60_00),
        ("reversal", 40_00),
    ]
    assert (returned["reverses_id"], expired["reverses_id"]) == (spent, None)
    draws = [(draw["entry_id"], draw["points"]) for draw in await rows("lot_draw")]
    assert draws == [(spent, 40_00), (expired["id"], 60_00), (returned["id"], -40_00)]


async def test_accounts_written_together_are_not_mixed_up(core: Services, clock: ManualClock) -> None:
    one, two, now = await enrol(core, 1), await enrol(core, 2), clock.now()
    accounts = [await ledger.load_account(customer, 0) for customer in (one, two)]
    for account, points in zip(accounts, (10_00, 20_00), strict=True):
        for turn in (1, 2):
            grant(account, points * turn, f"gift:{points}:{turn}", now, activates_at=now)
        account.redeem(points, key=f"spend:{points}", now=now, purchase_id=None)
    await ledger.write(accounts, ledger.Origin(now))
    entries = {entry["id"]: entry for entry in await rows("ledger_entry")}
    lots = {lot["id"]: lot for lot in await rows("lot")}
    assert [(lot["customer_id"], lot["granted"], lot["remaining"]) for lot in lots.values()] == [
        (one, 10_00, 0),
        (one, 20_00, 20_00),
        (two, 20_00, 0),
        (two, 40_00, 40_00),
    ]
    for lot in lots.values():
        assert entries[lot["entry_id"]]["customer_id"] == lot["customer_id"]
        assert entries[lot["entry_id"]]["points"] == lot["granted"]
    for draw in await rows("lot_draw"):
        assert entries[draw["entry_id"]]["customer_id"] == lots[draw["lot_id"]]["customer_id"]
        assert entries[draw["entry_id"]]["points"] == -draw["points"]


async def test_an_account_is_its_own_open_lots_and_those_asked_for(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await core.programmes.change(
        {"expiry": "after_days", "expiry_days": 30, "activation_delay_hours": 24, "confirm_redemption": False}
    )
    customer, other = await enrol(core, 1), await enrol(core, 2)
    await buy(core, cashier, customer, 100_00)
    await buy(core, cashier, other, 100_00)
    now = clock.now()
    clock.forward(days=2)
    await buy(core, cashier, customer, 200_00)
    spent = await core.till.open_sale(cashier, customer, 99_00, key="spend")
    await core.redemption.spend(cashier, spent.purchase_id, 5_00, key="spend")
    ids = [lot["id"] for lot in await rows("lot")]
    account = await ledger.load_account(customer, 7)
    assert (account.customer_id, account.debt) == (customer, 7)
    assert [lot.id for lot in account.lots] == [ids[2], ids[3]]
    whole = await ledger.load_account(customer, 0, also=[ids[0], ids[1]])
    assert [lot.id for lot in whole.lots] == [ids[0], ids[2], ids[3]]
    assert account.moved == {}
    assert whole.moved == {ids[1]: now + 31 * DAY}, "it is another customer's"
    empty = whole.lots[0]
    entry = (await rows("lot"))[0]["entry_id"]
    assert (empty.granted, empty.remaining, empty.entry_id) == (5_00, 0, entry)
    assert (empty.created_at, empty.activates_at, empty.expires_at) == (now, now + DAY, now + 31 * DAY)
    assert empty.created_at.utcoffset() == timedelta(0)
    assert moment((await rows("lot"))[0]["created_at"]) == now


async def test_an_account_is_locked_unless_it_is_for_looking(core: Services, statements: list[str]) -> None:
    await ledger.load_account(1, 0)
    await ledger.load_account(1, 0, also=[2])
    await ledger.load_account(1, 0, locked=False)
    lots = [statement for statement in statements if "granted, remaining" in statement]
    assert [statement.endswith(" FOR UPDATE") for statement in lots] == [True, True, False]
    assert not [statement for statement in statements if statement not in lots and "FOR UPDATE" in statement]


async def test_what_was_written_off_is_known_of_its_own_lot(core: Services, clock: ManualClock) -> None:
    customer, now = await enrol(core, 1), clock.now()
    account = await ledger.load_account(customer, 0)
    for number, ends in enumerate((now + DAY, now + 2 * DAY, None)):
        grant(account, 10_00 * (number + 1), f"gift:{number}", now, activates_at=now, expires_at=ends)
    await ledger.write([account], ledger.Origin(now))
    assert await expiry.write_off(now + DAY, 10) == 1
    written = (await rows("ledger_entry"))[-1]["id"]
    ids = [lot["id"] for lot in await rows("lot")]
    account = await ledger.load_account(customer, 0, also=ids)
    assert [(lot.id, lot.remaining, lot.written_off) for lot in account.lots] == [
        (ids[0], 0, {written: 10_00}),
        (ids[1], 20_00, {}),
        (ids[2], 30_00, {}),
    ]


async def test_lots_of_merged_customers_are_followed_or_found_where_they_ended(
    core: Services, clock: ManualClock, statements: list[str]
) -> None:
    first, second, kept = [await enrol(core, number) for number in (1, 2, 3)]
    now = clock.now()
    accounts = [await ledger.load_account(customer, 0) for customer in (first, second, kept)]
    for account, days in ((accounts[0], (1, 2)), (accounts[1], (3,))):
        for day in days:
            grant(account, 10_00, f"spent:{day}", now, activates_at=now, expires_at=now + day * DAY)
        account.redeem(10_00 * len(days), key=f"spend:{days}", now=now, purchase_id=None)
    grant(accounts[0], 40_00, "left", now, activates_at=now, expires_at=None)
    await ledger.write(accounts, ledger.Origin(now))
    # All of the first customer's lots come before the second's, as they were written.
    one, two, left, other = (lot["id"] for lot in await rows("lot"))
    assert move_balance(accounts[0], accounts[2], key="merge", now=now) == 40_00
    await ledger.write(accounts, ledger.Origin(now))
    follower = (await rows("lot"))[-1]["id"]

    account = await ledger.load_account(kept, 0, also=[one, two, left, other])
    assert [(lot.id, lot.remaining) for lot in account.lots] == [(follower, 40_00)]
    assert account.followers == {left: [follower]}
    ends = {one: now + DAY, two: now + 2 * DAY, left: None, other: now + 3 * DAY}
    assert account.moved == ends, "an account that gives back has to know how long they lived"

    statements.clear()
    former = await ledger.load_former(account, [one, two, left, other])
    assert {lot_id: [(found.customer_id, at) for found, at in each] for lot_id, each in former.items()} == {
        one: [(first, one)], two: [(first, two)], left: [(first, left)], other: [(second, other)],
    }  # fmt: skip
    accounts = [former[lot_id][0][0] for lot_id in (one, two, other)]
    assert accounts[0] is accounts[1], "one customer is one account"
    assert {(found.debt, *found.followers) for found in accounts} == {(0,)}
    assert [[lot.id for lot in found.lots] for found in accounts[1:]] == [[one, two, left], [other]]
    assert [statement.endswith(" FOR UPDATE") for statement in statements if "granted" in statement] == [True] * 2

    statements.clear()
    await ledger.load_former(account, [one], locked=False)
    assert not [statement for statement in statements if "FOR UPDATE" in statement]
    statements.clear()
    assert await ledger.load_former(account, [follower]) == {}
    assert not statements


async def test_a_purchase_prolongs_what_dies_of_absence(
    core: Services, clock: ManualClock, statements: list[str]
) -> None:
    customer, other = await enrol(core, 1), await enrol(core, 2)
    now = clock.now()
    accounts = [await ledger.load_account(each, 0) for each in (customer, other)]
    lives = [(1, 5), (10, 10), (10, 10), (40, 30), (10, None)]
    for account in accounts:
        for number, (days, rolling) in enumerate(lives):
            terms = {"activates_at": now, "expires_at": now + days * DAY, "rolling_days": rolling}
            grant(account, 10_00, f"gift:{account.customer_id}:{number}", now, **terms)
    await ledger.write(accounts, ledger.Origin(now))
    later = now + 2 * DAY
    statements.clear()
    await ledger.roll(await ledger.load_account(customer, 0), later)
    assert [statement.split()[0] for statement in statements] == ["SELECT", "UPDATE", "UPDATE"]
    lots = await rows("lot")
    ends = [(lot["expires_at"] - now) // DAY for lot in lots if lot["customer_id"] == customer]
    assert ends == [1, 2 + 10, 2 + 10, 40, 10], "expired stays so, and nothing is made shorter"
    assert [(lot["expires_at"] - now) // DAY for lot in lots if lot["customer_id"] == other] == [1, 10, 10, 40, 10]
