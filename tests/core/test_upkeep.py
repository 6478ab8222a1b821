"""The clean-up drops what is of no use, and nothing else."""

from datetime import timedelta

from core.actors import StaffActor, Visitor
from core.services import Services
from core.store import tellings, updates, upkeep
from tests.conftest import ManualClock, enrol
from tests.core.kit import actor_of, buy, dump

KEPT = ("customer", "purchase", "ledger_entry", "lot", "consent", "audit_row", "message", "programme_version")


async def leave_traces(core: Services, cashier: StaffActor, number: int) -> None:
    """One of everything that is dropped some day: a mark, a dialogue, codes, a questionnaire."""
    customer = await enrol(core, number)
    await buy(core, cashier, customer, 1_000_00)
    await core.cards.show(actor_of(customer))
    await core.registrations.request_code(Visitor(number + 50, "ru"), f"7916000000{number}", key=f"c{number}")
    await core.till_registrations.open_at_till(
        cashier, phone=f"7916000001{number}", name="Образец", birthday=None, card_number=None
    )
    now = core.deps.clock.now()
    await tellings.count_marketing({number: customer}, cap=9, since=now, now=now)
    mark = (f"customer:{number}", "asked_phone", {"n": number})
    await updates.close_update(f"7:{number}", core.deps.clock.now(), mark)


async def counts() -> dict[str, int]:
    return {table: len(rows.splitlines()) for table, rows in (await dump()).items()}


async def test_what_is_old_goes_and_what_counts_stays(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await leave_traces(core, cashier, 1)
    before = await dump()
    await core.upkeep.clean(clock.now())
    assert await dump() == before
    clock.forward(days=101)
    await leave_traces(core, cashier, 2)
    both = await counts()
    await core.upkeep.clean(clock.now())
    left = await counts()
    assert {table: left[table] for table in KEPT} == {table: both[table] for table in KEPT}
    for table in upkeep.kinds():
        assert 0 < left[table] < both[table], table
    assert {table for table in both if left[table] != both[table]} == set(upkeep.kinds())


async def test_it_is_done_in_batches(core: Services, clock: ManualClock, monkeypatch: object) -> None:
    for number in range(7):
        await updates.close_update(f"7:{number}", clock.now(), None)
    monkeypatch.setattr(upkeep, "BATCH", 3)  # type: ignore[attr-defined]
    clock.forward(seconds=timedelta(days=4).total_seconds())
    assert [await upkeep.drop_old("handled_update", clock.now()) for _ in range(4)] == [3, 3, 1, 0]
