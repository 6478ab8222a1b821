"""The proof of the ledger: sound after a life of sales, and each planted fault is named."""

import pytest

from core.actors import StaffActor
from core.check import check_ledger
from core.domain.refund import Wanted
from core.services import Services
from core.store.checks import RULES
from core.store.sql import fetch, is_postgres
from tests.conftest import enrol
from tests.core.kit import actor_of, buy, one

BATCH = (
    "INSERT INTO coupon_batch (name, benefit, amount, min_purchase, limit_customer, uses, starts_at, is_on, "
    "created_at) SELECT 'a', 'points', 100, 0, 1, 0, min(created_at), true, min(created_at) FROM purchase"
)
# Rows that a life of sales leaves: see lived(). Each fault breaks its own rule, whatever else it breaks.
FAULTS = {
    "customer_sum": ["UPDATE ledger_entry SET points = points + 1 WHERE id = 1"],
    "customer_debt": ["UPDATE customer SET debt = debt + 1 WHERE id = 1"],
    "lot_draws": ["UPDATE lot SET remaining = remaining - 1 WHERE id = 1"],
    "lot_bounds": ["UPDATE lot SET remaining = granted + 1 WHERE id = 1"],
    "entry_balanced": ["UPDATE ledger_entry SET debt_change = 1 WHERE id = 1"],
    "entry_sign": [
        "UPDATE ledger_entry SET kind = 'redemption' WHERE kind = 'accrual' AND id = 1",
    ],
    "lot_owner": ["UPDATE lot SET customer_id = 2 WHERE id = 1"],
    "draw_owner": ["UPDATE lot_draw SET lot_id = (SELECT max(id) FROM lot) WHERE id = 1"],
    "customer_counters": ["UPDATE customer SET sold = sold + 1 WHERE id = 1"],
    "customer_visits": ["UPDATE customer SET visits = visits + 1 WHERE id = 1"],
    "visit_purchase": [
        "INSERT INTO visit (customer_id, branch_id, purchase_id, status, expected_at, request_key, created_at) "
        "SELECT customer_id, branch_id, id, 'expected', created_at, 'planted', created_at FROM purchase "
        "WHERE id = 1"
    ],
    "customer_level": ["UPDATE customer SET level = 'Silver' WHERE id = 1"],
    "purchase_payments": [
        "INSERT INTO purchase_payment (purchase_id, method, amount, paid_at) "
        "SELECT id, 'cash', paid + 1, created_at FROM purchase WHERE id = 1"
    ],
    "purchase_lines": [
        "UPDATE purchase_line SET amount = amount + 1, payable = payable + 1 WHERE purchase_id = 1"
    ],
    "purchase_posted": ["UPDATE purchase SET accrual = accrual + 100 WHERE id = 1"],
    "purchase_unposted": ["UPDATE purchase SET completed_at = NULL WHERE id = 1"],
    "purchase_undone": ["UPDATE purchase SET status = 'cancelled' WHERE id = 1"],
    "purchase_refunded": ["UPDATE purchase SET refunded = refunded - 1 WHERE refunded > 0"],
    "refund_lines": ["UPDATE refund_line SET amount = amount + 1 WHERE id = 1"],
    "purchase_line_refunds": ["UPDATE purchase_line SET refunded = refunded - 1 WHERE refunded > 0"],
    "refund_posted": ["UPDATE purchase SET taken_back = taken_back + 100 WHERE refunded > 0"],
    "gift_exchange_posted": [
        "INSERT INTO gift_exchange (customer_id, branch_id, staff_member_id, title, points, status, request_key, "
        "created_at, confirm_until) SELECT customer_id, branch_id, staff_member_id, 'a', 100, 'done', 'g', "
        "created_at, created_at FROM purchase WHERE id = 1"
    ],
    "held_accrual_posted": [
        "INSERT INTO held_accrual (purchase_id, customer_id, branch_id, points, reason, status, created_at) "
        "SELECT id, customer_id, branch_id, 100, 'largest', 'given', created_at FROM purchase WHERE id = 1"
    ],
    "coupon_uses": [BATCH, "INSERT INTO coupon (batch_id, code, uses) SELECT id, 'A', 1 FROM coupon_batch"],
    "coupon_batch_uses": [BATCH, "UPDATE coupon_batch SET uses = 1"],
    "coupon_purchase": [
        BATCH,
        "INSERT INTO coupon (batch_id, code, uses) SELECT id, 'A', 0 FROM coupon_batch",
        "INSERT INTO coupon_use (coupon_id, customer_id, purchase_id, used_at) SELECT c.id, p.customer_id, p.id, "
        "p.created_at FROM coupon c, purchase p WHERE p.completed_at IS NULL",
    ],
    "purchase_coupon": ["UPDATE purchase SET discount_source = 'coupon'"],
    "promotion_purchase": [
        "INSERT INTO promotion (name, benefit, amount, conditions, starts_at, is_on, created_at) "
        "SELECT 'a', 'factor', 200, '{}', min(created_at), true, min(created_at) FROM purchase",
        "INSERT INTO promotion_use (promotion_id, customer_id, purchase_id, used_at) SELECT o.id, p.customer_id, "
        "p.id, p.created_at FROM promotion o, purchase p WHERE p.completed_at IS NULL",
    ],
    "hold_waiting": ["UPDATE purchase SET status = 'draft' WHERE status = 'waiting'"],
    "hold_captured": ["UPDATE hold SET points = points + 1 WHERE outcome = 'captured'"],
}


async def lived(core: Services, cashier: StaffActor) -> None:
    """Sales of all kinds: earned (purchase 1), spent, undone, dropped, refunded, and one that waits."""
    customer, other = await enrol(core, 1), await enrol(core, 2)
    await buy(core, cashier, customer, 10_000_00)
    spent = await core.till.open_sale(cashier, customer, 600_00, key="spent")
    await core.redemption.spend(cashier, spent.purchase_id, 100_00, key="s")
    await core.redemption.confirm(actor_of(customer), spent.purchase_id)
    undone = await core.till.open_sale(cashier, customer, 600_00, key="undone")
    await core.redemption.spend(cashier, undone.purchase_id, 100_00, key="u")
    await core.redemption.confirm(actor_of(customer), undone.purchase_id)
    await core.refunds.undo(cashier, undone.purchase_id)
    dropped = await core.till.open_sale(cashier, customer, 600_00, key="dropped")
    await core.till.drop(cashier, dropped.purchase_id)
    await buy(core, cashier, other, 1_000_00)
    parted = await buy(core, cashier, other, 500_00)
    await core.refunds.refund(cashier, parted, Wanted(200_00), key="refund")
    await core.refunds.refund(cashier, await buy(core, cashier, other, 100_00), key="whole")
    waiting = await core.till.open_sale(cashier, customer, 600_00, key="waiting")
    await core.redemption.spend(cashier, waiting.purchase_id, 50_00, key="w")


async def without_guards() -> None:
    """Take away what would refuse the faults, as a careless hand at the database might."""
    if is_postgres():
        await fetch("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
        await fetch("ALTER TABLE lot_draw DISABLE TRIGGER USER")
        await fetch("ALTER TABLE refund_line DISABLE TRIGGER USER")
        await fetch("ALTER TABLE lot DROP CONSTRAINT lot_remaining")
        return
    for row in await fetch("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        await fetch(f'DROP TRIGGER "{row["name"]}"')


def test_every_rule_has_its_fault() -> None:
    assert FAULTS.keys() == RULES.keys()


async def test_nothing_is_found_in_a_sound_life(core: Services, cashier: StaffActor) -> None:
    await lived(core, cashier)
    report = await check_ledger()
    assert not report.findings
    assert report.rules == len(RULES) + 1
    assert report.sizes["customer"] == 2
    assert report.sizes["purchase"] == 8
    assert min(report.sizes.values()) >= 2


async def test_nothing_is_found_where_nothing_is(core: Services) -> None:
    report = await check_ledger()
    assert (report.findings, set(report.sizes.values())) == ((), {0})


@pytest.mark.parametrize("rule", RULES)
async def test_a_planted_fault_is_named(core: Services, cashier: StaffActor, rule: str) -> None:
    await lived(core, cashier)
    await without_guards()
    for statement in FAULTS[rule]:
        await fetch(statement)
    found = [finding for finding in (await check_ledger()).findings if finding.rule == rule]
    assert found
    assert all(finding.row["id"] for finding in found)


async def test_lines_that_are_missing_are_found(core: Services, cashier: StaffActor) -> None:
    await lived(core, cashier)
    await fetch("DELETE FROM purchase_line WHERE purchase_id = 1")
    assert "purchase_lines" in {finding.rule for finding in (await check_ledger()).findings}


async def test_a_great_ruin_is_told_in_part(core: Services, cashier: StaffActor) -> None:
    await lived(core, cashier)
    customer = await one("SELECT min(id) FROM customer")
    for _ in range(25):
        await buy(core, cashier, customer, 10_00)
    await fetch("UPDATE purchase SET accrual = accrual + 100 WHERE status = 'completed'")
    found = [finding for finding in (await check_ledger()).findings if finding.rule == "purchase_posted"]
    assert len(found) == 20
