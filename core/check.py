"""Proof of the ledger over the whole database, in one view of it."""

from dataclasses import dataclass
from typing import Any

from core.store import audit, checks
from core.store.transactions import run_in_transaction


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that does not hold, with the row that breaks it."""

    rule: str
    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, and how much was looked at."""

    findings: tuple[Finding, ...]
    sizes: dict[str, int]
    rules: int


async def check_ledger() -> Report:
    """Prove every invariant of the ledger (domain rules §4) and the chain of the log."""

    async def work() -> Report:
        await checks.freeze_view()
        findings = [Finding(rule, row) for rule in checks.RULES for row in await checks.broken(rule)]
        findings += [Finding("audit_chain", row) for row in await audit.breaks()]
        return Report(tuple(findings), await checks.sizes(), len(checks.RULES) + 1)

    return await run_in_transaction(work)
