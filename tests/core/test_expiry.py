"""Writing off what expired: entries for what time took, and no balance changes by them."""

import asyncio
import contextvars
from datetime import timedelta

import pytest

from core import expiry
from core.actors import StaffActor
from core.check import check_ledger
from core.domain.people import Role
from core.services import Services
from core.store.sql import fetch, is_postgres
from core.store.transactions import run_in_transaction
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import actor_of, buy, one, points_of


@pytest.fixture
async def expiring(core: Services, cashier: StaffActor, clock: ManualClock) -> list[int]:
    """Three customers whose points expired five minutes ago; the first has newer ones, too."""
    customers = [await enrol(core, number) for number in range(1, 4)]
    for customer in customers:
        await buy(core, cashier, customer, 1_000_00)
    await fetch("UPDATE lot SET expires_at = $1", clock.now() + timedelta(minutes=5))
    clock.forward(minutes=10)
    await buy(core, cashier, customers[0], 2_000_00)
    return customers


async def entries(customer: int) -> list[tuple[str, int]]:
    rows = await fetch("SELECT kind, points FROM ledger_entry WHERE customer_id = $1 ORDER BY id", customer)
    return [(row["kind"], row["points"]) for row in rows]


async def test_what_expired_is_written_off_once(core: Services, expiring: list[int]) -> None:
    before = [await points_of(core, customer) for customer in expiring]
    assert await core.expiries.sweep() == 3
    assert await core.expiries.sweep() == 0
    assert [await points_of(core, customer) for customer in expiring] == before == [100_00, 0, 0]
    assert await entries(expiring[0]) == [("accrual", 50_00), ("accrual", 100_00), ("expiry", -50_00)]
    assert await entries(expiring[2]) == [("accrual", 50_00), ("expiry", -50_00)]
    assert not (await check_ledger()).findings


async def test_batches_and_rivals_write_each_off_once(
    core: Services, expiring: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiry, "BATCH", 1)
    await asyncio.gather(*(core.expiries.sweep() for _ in range(4)))
    # Who was under a rival's lock is the next sweep's.
    await core.expiries.sweep()
    assert await one("SELECT count(*) FROM ledger_entry WHERE kind = 'expiry'") == 3
    assert not (await check_ledger()).findings


@pytest.mark.parametrize("swept", [True, False])
async def test_a_late_sweep_changes_no_balance(
    core: Services, expiring: list[int], cashier: StaffActor, clock: ManualClock, swept: bool
) -> None:
    """Undoing a sale whose points have expired takes nothing else, whether the expiry was written or not."""
    first = await one(f"SELECT min(id) FROM purchase WHERE customer_id = {expiring[0]}")
    if swept:
        await core.expiries.sweep()
    manager = await hire(core, 9002, Role.MANAGER)
    await core.refunds.undo(manager, first)
    found = await core.balances.open(actor_of(expiring[0]))
    assert (found.points, found.debt) == (100_00, 0)
    await core.expiries.sweep()
    assert await points_of(core, expiring[0]) == 100_00
    assert not (await check_ledger()).findings
    shown = (await core.balances.history(actor_of(expiring[0]))).lines
    assert len(shown) == (5 if swept else 3)


async def test_whoever_is_in_a_sale_is_left_to_the_next_sweep(core: Services, expiring: list[int]) -> None:
    if not is_postgres():
        return  # there, one writes at a time

    async def sweep_beside() -> int:
        return await core.expiries.sweep()

    async def busy() -> int:
        await fetch("SELECT id FROM customer WHERE id = $1 FOR UPDATE", expiring[1])
        # In a context of its own, as another process would be: not in this transaction.
        return await asyncio.create_task(sweep_beside(), context=outside)

    outside = contextvars.copy_context()
    assert await run_in_transaction(busy) == 2
    assert await core.expiries.sweep() == 1
