"""The schema that the migrations really make, on both databases, read from their catalogues."""

import importlib
from datetime import timedelta
from typing import Any

import pytest
from tortoise import Tortoise
from tortoise.exceptions import IntegrityError

from core.actors import StaffActor
from core.services import Services
from core.store.sql import fetch, is_postgres
from tests.conftest import enrol
from tests.core.kit import buy, one, table_names

guards = importlib.import_module("migrations.0002_guards")
jobs = importlib.import_module("migrations.0003_jobs")
programme = importlib.import_module("migrations.0004_programme")
imports = importlib.import_module("migrations.0007_imports")
campaigns = importlib.import_module("migrations.0011_campaigns")
CHECKS = guards.CHECKS | jobs.CHECKS | programme.CHECKS | imports.CHECKS | campaigns.CHECKS
INDEXES = guards.INDEXES + jobs.INDEXES + programme.INDEXES + campaigns.INDEXES
FOREIGN = 60


async def columns() -> set[tuple[str, str, bool]]:
    """(table, column, may be empty) of the whole schema."""
    if is_postgres():
        rows = await fetch(
            "SELECT table_name, column_name, is_nullable FROM information_schema.columns "
            "WHERE table_schema = 'public'"
        )
        return {(row["table_name"], row["column_name"], row["is_nullable"] == "YES") for row in rows}
    found = set()
    for table in await table_names():
        for row in await fetch(f'PRAGMA table_info("{table}")'):
            found.add((table, row["name"], not row["notnull"] and not row["pk"]))
    return found


async def foreign_keys() -> list[tuple[str, str, str, str]]:
    """(table, column, other table, what its deletion does) of the whole schema."""
    if is_postgres():
        rows = await fetch(
            "SELECT c.conrelid::regclass::text AS t, a.attname::text AS k, c.confrelid::regclass::text AS o, "
            "c.confdeltype::text AS d FROM pg_constraint c "
            "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'"
        )
        actions = {"r": "RESTRICT", "a": "NO ACTION", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
        return [(row["t"], row["k"], row["o"], actions[row["d"]]) for row in rows]
    found = []
    for table in await table_names():
        for row in await fetch(f'PRAGMA foreign_key_list("{table}")'):
            found.append((table, row["from"], row["table"], row["on_delete"]))
    return found


async def unique_columns() -> set[tuple[str, tuple[str, ...]]]:
    """(table, columns) that are unique over all rows."""
    if is_postgres():
        rows = await fetch(
            "SELECT i.indrelid::regclass::text AS t, (SELECT string_agg(a.attname, ',' ORDER BY k.n) "
            "FROM unnest(i.indkey) WITH ORDINALITY k(attnum, n) "
            "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum) AS c "
            "FROM pg_index i JOIN pg_class r ON r.oid = i.indrelid JOIN pg_namespace s ON s.oid = r.relnamespace "
            "WHERE i.indisunique AND i.indpred IS NULL AND s.nspname = 'public'"
        )
        return {(row["t"], tuple(row["c"].split(","))) for row in rows}
    found = set()
    for table in await table_names():
        for index in await fetch(f'PRAGMA index_list("{table}")'):
            if index["unique"] and not index["partial"]:
                parts = await fetch(f'PRAGMA index_info("{index["name"]}")')
                found.add((table, tuple(part["name"] for part in parts)))
    return found


async def index_sql() -> dict[str, str]:
    if is_postgres():
        rows = await fetch("SELECT indexname AS name, indexdef AS sql FROM pg_indexes WHERE schemaname = 'public'")
    else:
        rows = await fetch("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    return {row["name"]: row["sql"] for row in rows}


def models() -> list[Any]:
    return list((Tortoise.apps or {})["core"].values())


async def test_every_model_has_its_table_and_columns(store: str) -> None:
    found = await columns()
    wanted = {
        (model._meta.db_table, field.source_field or name, bool(field.null))
        for model in models()
        for name, field in model._meta.fields_map.items()
        if name in model._meta.db_fields
    }
    own = {table for table, _, _ in wanted}
    assert len(own) == 59
    assert {each for each in found if each[0] in own} == wanted
    assert {table for table, _, _ in found} - own == {"tortoise_migrations"}


async def test_every_foreign_key_refuses_to_take_rows_along(store: str) -> None:
    found = await foreign_keys()
    assert len(found) == sum(len(model._meta.fk_fields) for model in models()) >= FOREIGN
    assert {action for *_, action in found} == {"RESTRICT"}
    assert ("lot_draw", "lot_id", "lot", "RESTRICT") in found
    if not is_postgres():
        assert await one("PRAGMA foreign_keys") == 1


async def test_every_unique_column_is_unique(store: str) -> None:
    found = await unique_columns()
    for model in models():
        table = model._meta.db_table
        for name, field in model._meta.fields_map.items():
            if name in model._meta.db_fields and field.unique and not field.pk:
                assert (table, (field.source_field or name,)) in found
        for together in model._meta.unique_together:
            assert (table, tuple(together)) in found
    for expected in (
        ("lot", ("entry_id",)),
        ("shown_code", ("customer_id",)),
        ("ledger_entry", ("request_key",)),
        ("purchase", ("request_key",)),
        ("verification_code", ("request_key",)),
        ("message", ("dedupe_key",)),
        ("customer", ("phone",)),
        ("card", ("number",)),
        ("telegram_identity", ("bot", "telegram_id")),
        ("job", ("request_key",)),
        ("tick", ("name", "due_at")),
    ):
        assert expected in found


async def test_every_index_is_there(store: str) -> None:
    found = await index_sql()
    for statement in INDEXES:
        name = statement.split('"')[1]
        made = found[name].replace('"', "").replace("public.", "").replace(" USING btree", "")
        assert ("UNIQUE" in statement) == ("UNIQUE" in made)
        assert ("WHERE" in statement) == ("WHERE" in made)
    tables = " ".join(found.values()).replace('"', "")
    assert "hold" in tables
    for model in models():
        for index in model._meta.indexes:
            wanted = ", ".join(index.fields)
            assert any(wanted in sql.replace('"', "") and model._meta.db_table in sql for sql in found.values()), (
                wanted
            )


@pytest.fixture
async def lived(core: Services, cashier: StaffActor) -> int:
    """A customer with a purchase, so that there are rows to break."""
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 1_000_00)
    sale = await core.till.open_sale(cashier, customer, 100_00, key="w")
    await core.redemption.spend(cashier, sale.purchase_id, 10_00, key="w:s")
    await fetch(
        "INSERT INTO job (kind, input, state, done, tries, not_before, request_key, input_hash, created_at) "
        "VALUES ('a', '{}', 'queued', 0, 0, $1, 'k', 'x', $1)",
        core.deps.clock.now(),
    )
    for statement in OFFERED:
        await fetch(statement, core.deps.clock.now())
    return customer


OFFERED = [
    "INSERT INTO product (name, name_key, is_sold, changed_at) VALUES ('a', 'a', true, $1)",
    "INSERT INTO promotion (name, benefit, amount, conditions, starts_at, is_on, created_at) "
    "VALUES ('a', 'factor', 200, '{}', $1, true, $1)",
    "INSERT INTO coupon_batch (name, benefit, amount, min_purchase, limit_customer, uses, starts_at, is_on, "
    "created_at) VALUES ('a', 'points', 100, 0, 1, 0, $1, true, $1)",
    "INSERT INTO coupon (batch_id, code, uses) SELECT id, 'A', 0 FROM coupon_batch WHERE created_at = $1",
    "INSERT INTO gift_exchange (customer_id, branch_id, staff_member_id, title, points, status, request_key, "
    "created_at, confirm_until) SELECT customer_id, branch_id, staff_member_id, 'a', 1, 'waiting', 'g', $1, $1 "
    "FROM purchase WHERE status = 'completed'",
    "INSERT INTO visit (customer_id, branch_id, status, expected_at, request_key, created_at) "
    "SELECT customer_id, branch_id, 'came', $1, 'v', $1 FROM purchase WHERE status = 'completed'",
    "INSERT INTO customer_category (customer_id, name, source, created_at) "
    "SELECT id, 'a', 'hand', $1 FROM customer",
    "INSERT INTO purchase_counter (customer_id, category_id, counted) "
    "SELECT id, 0, 1 FROM customer WHERE created_at <= $1",
    "INSERT INTO held_accrual (purchase_id, customer_id, branch_id, points, reason, status, created_at) "
    "SELECT id, customer_id, branch_id, 1, 'day', 'waiting', $1 FROM purchase WHERE status = 'completed'",
    "INSERT INTO manual_points (customer_id, branch_id, points, reason, status, asked_by_id, request_key, "
    "input_hash, created_at) SELECT customer_id, branch_id, 1, 'a', 'done', staff_member_id, 'm', 'x', $1 "
    "FROM purchase WHERE status = 'completed'",
    "INSERT INTO campaign (author_id, state, segment, by_sms, control_share, salt, result_days, chosen, controls, "
    "request_key, created_at) SELECT staff_member_id, 'draft', '{}', false, 0, 1, 7, 0, 0, 'c', $1 "
    "FROM purchase WHERE status = 'completed'",
    "INSERT INTO campaign_recipient (campaign_id, customer_id, is_control) SELECT id, "
    "(SELECT max(id) FROM customer), false FROM campaign WHERE created_at <= $1",
]


BROKEN = {
    "lot_remaining": [
        "UPDATE lot SET remaining = -1",
        "UPDATE lot SET remaining = granted + 1",
        "UPDATE lot SET remaining = 0, granted = 0",
    ],
    "lot_times": ["UPDATE lot SET expires_at = created_at"],
    "lot_draw_points": ["INSERT INTO lot_draw (entry_id, lot_id, points) SELECT entry_id, id, 0 FROM lot"],
    "ledger_entry_points": [
        "INSERT INTO ledger_entry (customer_id, kind, points, debt_change, request_key, input_hash, created_at) "
        "SELECT customer_id, 'gift', 0, 0, 'x', 'x', created_at FROM ledger_entry LIMIT 1"
    ],
    "ledger_entry_kind": [
        "INSERT INTO ledger_entry (customer_id, kind, points, debt_change, request_key, input_hash, created_at) "
        "SELECT customer_id, 'present', 1, 0, 'x', 'x', created_at FROM ledger_entry LIMIT 1"
    ],
    "customer_counters": [
        f"UPDATE customer SET {column} = -1" for column in ("debt", "purchases", "sold", "paid")
    ],
    "customer_status": ["UPDATE customer SET status = 'gone'"],
    "customer_referral": ["UPDATE customer SET referred_by_id = id"],
    "hold_points": ["UPDATE hold SET points = 0", "UPDATE hold SET expires_at = created_at"],
    "hold_outcome": [
        "UPDATE hold SET outcome = 'captured'",
        "UPDATE hold SET settled_at = created_at",
        "UPDATE hold SET settled_at = created_at, outcome = 'other'",
    ],
    "purchase_status": ["UPDATE purchase SET status = 'refunded'"],
    "purchase_sums": [
        "UPDATE purchase SET payable = payable + 1",
        "UPDATE purchase SET points = -1",
        "UPDATE purchase SET accrual = -1",
        "UPDATE purchase SET subtotal = 0, payable = -discount - points_worth",
        "UPDATE purchase SET discount = subtotal + 1, payable = -1 - points_worth",
    ],
    "purchase_line_sums": [
        "UPDATE purchase_line SET payable = payable - 1",
        "UPDATE purchase_line SET discount = amount + 1, payable = -1 - points_worth",
    ],
    "card_status": [
        "UPDATE card SET status = 'lent'",
        "UPDATE card SET customer_id = NULL",
        "UPDATE card SET status = 'issued'",
    ],
    "staff_member_role": ["UPDATE staff_member SET role = 'king'", "UPDATE staff_member SET status = 'asleep'"],
    "verification_code_tries": ["UPDATE verification_code SET tries_left = -1"],
    "message_state": ["UPDATE message SET state = 'lost'"],
    "job_state": [
        "UPDATE job SET state = 'asleep'",
        "UPDATE job SET state = 'done'",
        "UPDATE job SET finished_at = created_at",
    ],
    "job_lease": ["UPDATE job SET state = 'running'", "UPDATE job SET lease_until = created_at"],
    "product_price": ["UPDATE product SET price = -1"],
    "promotion_benefit": [
        "UPDATE promotion SET benefit = 'free'",
        "UPDATE promotion SET amount = 0",
        "UPDATE promotion SET ends_at = starts_at",
    ],
    "coupon_batch_benefit": [
        "UPDATE coupon_batch SET benefit = 'free'",
        "UPDATE coupon_batch SET amount = 0",
        "UPDATE coupon_batch SET limit_customer = 0",
        "UPDATE coupon_batch SET ends_at = starts_at",
    ],
    "coupon_batch_uses": [
        "UPDATE coupon_batch SET uses = -1",
        "UPDATE coupon_batch SET uses = 2, limit_total = 1",
    ],
    "coupon_uses": ["UPDATE coupon SET uses = -1", "UPDATE coupon SET uses = 2, limit_total = 1"],
    "gift_exchange_status": ["UPDATE gift_exchange SET status = 'x'", "UPDATE gift_exchange SET points = 0"],
    "visit_status": ["UPDATE visit SET status = 'late'"],
    "customer_category_source": ["UPDATE customer_category SET source = 'x'"],
    "purchase_counter_counted": ["UPDATE purchase_counter SET counted = -1"],
    "purchase_payment_amount": [
        "INSERT INTO purchase_payment (purchase_id, method, amount, paid_at) "
        "SELECT id, 'cash', 0, created_at FROM purchase LIMIT 1"
    ],
    "refund_sums": [
        "INSERT INTO refund (purchase_id, branch_id, staff_member_id, amount, money, returned, taken_back, "
        "request_key, input_hash, created_at) SELECT id, branch_id, staff_member_id, "
        f"{sums}, 'r', 'x', created_at FROM purchase LIMIT 1"
        for sums in ("0, 0, 0, 0", "1, -1, 0, 0", "1, 0, -1, 0", "1, 0, 0, -1")
    ],
    "refund_line_amount": [
        "INSERT INTO refund_line (refund_id, line_id, amount) SELECT 1, id, 0 FROM purchase_line LIMIT 1"
    ],
    "held_accrual_status": ["UPDATE held_accrual SET status = 'x'", "UPDATE held_accrual SET points = 0"],
    "manual_points_status": ["UPDATE manual_points SET status = 'x'", "UPDATE manual_points SET points = 0"],
    "purchase_refunded": [
        "UPDATE purchase SET refunded = -1",
        "UPDATE purchase SET refunded = subtotal + 1",
        "UPDATE purchase SET returned_points = points + 1",
        "UPDATE purchase SET taken_back = -1",
        "UPDATE purchase SET paid = -1",
        "UPDATE purchase SET paid = payable + 1",
    ],
    "purchase_line_refunded": [
        "UPDATE purchase_line SET refunded = -1",
        "UPDATE purchase_line SET refunded = amount + 1",
    ],
    "customer_visits": ["UPDATE customer SET visits = -1", "UPDATE customer SET rule_discount = -1"],
    "customer_importance": ["UPDATE customer SET importance = 'tin'"],
    "job_progress": ["UPDATE job SET done = -1", "UPDATE job SET tries = -1", "UPDATE job SET total = -1"],
    "campaign_state": [
        "UPDATE campaign SET state = 'asleep'",
        "UPDATE campaign SET state = 'done'",
        "UPDATE campaign SET finished_at = created_at",
    ],
    "campaign_control": ["UPDATE campaign SET control_share = -1", "UPDATE campaign SET control_share = 2001"],
    "campaign_recipient_times": [
        "UPDATE campaign_recipient SET taken_at = (SELECT created_at FROM campaign LIMIT 1)"
    ],
    "import_state": [
        "INSERT INTO import_file (kind, name, format, staff_member_id, branch_id, state, columns, ignored, "
        "request_key, created_at) SELECT 'products', 'n', 'csv', staff_member_id, branch_id, 'x', '[]', '[]', "
        "'i', created_at FROM purchase LIMIT 1"
    ],
    "import_row_kept": [
        f"INSERT INTO import_row (file_id, number, checked, problems) VALUES (1, 1, {both}, {both})"
        for both in ("NULL", "'{}'")
    ],
}


def test_every_check_is_tried() -> None:
    assert BROKEN.keys() == {name for _, name in CHECKS}


async def refused(statement: str, *names: str) -> None:
    with pytest.raises(IntegrityError) as refusal:
        await fetch(statement)
    assert any(name in str(refusal.value) for name in names), f"{statement}: {refusal.value}"


@pytest.mark.parametrize("name", BROKEN)
async def test_a_check_refuses_and_says_its_name(lived: int, name: str) -> None:
    table = next(table for table, check in CHECKS if check == name)
    assert await one(f"SELECT count(*) FROM {table}") > 0 or "INSERT" in BROKEN[name][0]
    # Which of two broken constraints is named is the database's choice.
    also = ("purchase_refunded",) if name == "purchase_sums" else ()
    for statement in BROKEN[name]:
        await refused(statement, name, *also)


async def test_the_past_can_be_neither_changed_nor_thrown_away(lived: int) -> None:
    frozen, kept = guards.APPEND_ONLY, guards.NEVER_DELETED
    assert set(frozen) == {"ledger_entry", "lot_draw", "consent", "audit_row", "programme_version"}
    assert set(kept) == {"lot", "purchase", "customer"}
    lot = await one("SELECT min(id) FROM lot")
    entry = await one("SELECT min(id) FROM ledger_entry")
    await fetch("INSERT INTO lot_draw (entry_id, lot_id, points) VALUES ($1, $2, 1)", entry, lot)
    for table in [*frozen, *kept]:
        count = await one(f"SELECT count(*) FROM {table}")
        assert count > 0
        await refused(f"DELETE FROM {table}", "append-only")
        if table in frozen:
            await refused(f"UPDATE {table} SET id = id", "append-only")
        if is_postgres():
            await refused(f"TRUNCATE {table} CASCADE", "append-only")
        assert await one(f"SELECT count(*) FROM {table}") == count


async def test_rows_that_others_rest_on_stay(lived: int) -> None:
    for table in ("branch", "staff_member"):
        with pytest.raises(IntegrityError, match=r"(?i)foreign key|restrict"):
            await fetch(f"DELETE FROM {table}")
        assert await one(f"SELECT count(*) FROM {table}") == 1


async def test_one_of_each_kind_at_most(lived: int, core: Services) -> None:
    now = core.deps.clock.now()
    later = now + timedelta(hours=1)
    waiting = await one("SELECT purchase_id FROM hold WHERE settled_at IS NULL")
    with pytest.raises(IntegrityError):
        await fetch(
            "INSERT INTO hold (purchase_id, customer_id, points, confirm_until, expires_at, created_at) "
            "VALUES ($1, $2, 1, $3, $3, $4)",
            waiting,
            lived,
            later,
            now,
        )
    with pytest.raises(IntegrityError):
        await fetch(
            "INSERT INTO telegram_identity (bot, telegram_id, customer_id, created_at) "
            "VALUES ('customer', 99, $1, $2)",
            lived,
            now,
        )
    code = (
        "INSERT INTO verification_code (purpose, subject, method, phone, tries_left, created_at, expires_at, "
        "request_key, input_hash) VALUES ('p', 's', 'sms', '79160000001', 3, $1, $2, $3, 'x')"
    )
    await fetch(code, now, later, "one")
    with pytest.raises(IntegrityError):
        await fetch(code, now, later, "two")


async def test_what_refers_to_nothing_is_refused(lived: int) -> None:
    for statement in (
        "UPDATE purchase SET customer_id = 1000000",
        "UPDATE lot SET entry_id = 1000000",
        "UPDATE card SET customer_id = 1000000",
    ):
        with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
            await fetch(statement)
