"""Checks, append-only triggers and partial indexes: what the models can't say for both databases."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# Written with {row}: NEW. in SQLite's triggers, nothing in PostgreSQL's CHECK constraints.
CHECKS = {
    ("lot", "lot_remaining"): "{row}remaining >= 0 AND {row}remaining <= {row}granted AND {row}granted > 0",
    ("lot", "lot_times"): "{row}expires_at IS NULL OR {row}expires_at > {row}created_at",
    ("lot_draw", "lot_draw_points"): "{row}points <> 0",
    ("ledger_entry", "ledger_entry_points"): "{row}points <> 0",
    ("ledger_entry", "ledger_entry_kind"): (
        "{row}kind IN ('accrual', 'redemption', 'expiry', 'reversal', 'adjustment', 'gift')"
    ),
    ("customer", "customer_counters"): (
        "{row}debt >= 0 AND {row}purchases >= 0 AND {row}sold >= 0 AND {row}paid >= 0"
    ),
    ("customer", "customer_status"): "{row}status IN ('active', 'erased')",
    ("customer", "customer_referral"): "{row}referred_by_id IS NULL OR {row}referred_by_id <> {row}id",
    ("hold", "hold_points"): "{row}points > 0 AND {row}expires_at > {row}created_at",
    ("hold", "hold_outcome"): (
        "({row}settled_at IS NULL) = ({row}outcome IS NULL) "
        "AND ({row}outcome IS NULL OR {row}outcome IN ('captured', 'released', 'expired'))"
    ),
    ("purchase", "purchase_status"): "{row}status IN ('draft', 'waiting', 'completed', 'cancelled')",
    ("purchase", "purchase_sums"): (
        "{row}subtotal > 0 AND {row}discount >= 0 AND {row}points >= 0 AND {row}points_worth >= 0 "
        "AND {row}payable >= 0 AND {row}accrual_base >= 0 AND {row}accrual >= 0 "
        "AND {row}payable = {row}subtotal - {row}discount - {row}points_worth"
    ),
    ("purchase_line", "purchase_line_sums"): (
        "{row}amount >= 0 AND {row}discount >= 0 AND {row}points_worth >= 0 "
        "AND {row}payable = {row}amount - {row}discount - {row}points_worth AND {row}payable >= 0"
    ),
    ("card", "card_status"): (
        "({row}status = 'bound' AND {row}customer_id IS NOT NULL) "
        "OR ({row}status = 'issued' AND {row}customer_id IS NULL) OR {row}status = 'blocked'"
    ),
    ("staff_member", "staff_member_role"): (
        "{row}role IN ('cashier', 'operator', 'manager', 'owner') AND {row}status IN ('active', 'dismissed')"
    ),
    ("verification_code", "verification_code_tries"): "{row}tries_left >= 0",
    ("message", "message_state"): (
        "{row}state IN ('queued', 'sending', 'sent', 'delivered', 'failed', 'unknown', 'suppressed')"
    ),
}

APPEND_ONLY = ["ledger_entry", "lot_draw", "consent", "audit_row", "programme_version"]

# Rows that may change, but whose past may not be thrown away.
NEVER_DELETED = ["lot", "purchase", "customer"]

INDEXES = [
    # A unique foreign key is not made unique by the migration that creates its table.
    'CREATE UNIQUE INDEX "lot_entry" ON "lot" ("entry_id")',
    'CREATE UNIQUE INDEX "shown_code_customer" ON "shown_code" ("customer_id")',
    'CREATE INDEX "lot_open" ON "lot" ("customer_id") WHERE remaining > 0',
    'CREATE INDEX "lot_expiring" ON "lot" ("expires_at") WHERE remaining > 0 AND expires_at IS NOT NULL',
    'CREATE UNIQUE INDEX "hold_open" ON "hold" ("purchase_id") WHERE settled_at IS NULL',
    'CREATE INDEX "hold_due" ON "hold" ("confirm_until") WHERE settled_at IS NULL',
    'CREATE INDEX "message_queue" ON "message" ("channel", "bot", "priority", "not_before", "id") '
    "WHERE state = 'queued'",
    'CREATE INDEX "message_leased" ON "message" ("lease_until") WHERE state = \'sending\'',
    'CREATE UNIQUE INDEX "identity_customer" ON "telegram_identity" ("bot", "customer_id") '
    "WHERE customer_id IS NOT NULL",
    'CREATE UNIQUE INDEX "identity_staff" ON "telegram_identity" ("bot", "staff_member_id") '
    "WHERE staff_member_id IS NOT NULL",
    'CREATE UNIQUE INDEX "code_live" ON "verification_code" ("purpose", "subject") '
    "WHERE used_at IS NULL AND killed_at IS NULL",
]


async def add_guards(apps, schema_editor):
    client = schema_editor.client
    postgres = client.capabilities.dialect == "postgres"
    for (table, name), rule in CHECKS.items():
        for statement in _check(postgres, table, name, rule):
            await client.execute_script(statement)
    if postgres:
        await client.execute_script(_POSTGRES_REFUSAL)
    for table in APPEND_ONLY:
        for statement in _frozen(postgres, table, ("UPDATE", "DELETE")):
            await client.execute_script(statement)
    for table in NEVER_DELETED:
        for statement in _frozen(postgres, table, ("DELETE",)):
            await client.execute_script(statement)
    for statement in INDEXES:
        await client.execute_script(statement)


def _check(postgres, table, name, rule):
    if postgres:
        return [f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" CHECK ({rule.format(row="")})']
    broken = f"NOT ({rule.format(row='NEW.')})"
    return [
        f'CREATE TRIGGER "{name}_{event.lower()}" BEFORE {event} ON "{table}" WHEN {broken} '
        f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {name}'); END"
        for event in ("INSERT", "UPDATE")
    ]


_POSTGRES_REFUSAL = """
CREATE FUNCTION kopilka_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""


def _frozen(postgres, table, events):
    if postgres:
        yield (
            f'CREATE TRIGGER "{table}_frozen" BEFORE {" OR ".join(events)} ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION kopilka_append_only()"
        )
        yield (
            f'CREATE TRIGGER "{table}_kept" BEFORE TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION kopilka_append_only()"
        )
        return
    for event in events:
        yield (
            f'CREATE TRIGGER "{table}_frozen_{event.lower()}" BEFORE {event} ON "{table}" '
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [ops.RunPython(add_guards, None)]
