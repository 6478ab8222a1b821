"""Proof of the ledger over the whole database, in one view of it: on demand, and every night."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.alerts import raise_alert, settle_alert
from core.deps import Deps
from core.domain.schedule import At
from core.schedule import Periodic, Schedule
from core.store import audit, checks, nightly
from core.store.transactions import StoreUnavailable, run_in_transaction

logger = logging.getLogger(__name__)

NIGHTLY = At(3, 40)
AUDIT = "audit_chain"


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
    """Prove every invariant of the ledger and the chain of the log."""

    async def work() -> Report:
        await checks.freeze_view()
        findings = [Finding(rule, row) for rule in checks.RULES for row in await checks.broken(rule)]
        findings += [Finding(AUDIT, row) for row in await audit.breaks()]
        return Report(tuple(findings), await checks.sizes(), len(checks.RULES) + 1)

    return await run_in_transaction(work)


@dataclass(frozen=True, slots=True)
class NightlyCheck:
    """The same proof every night, beside the running bots; what it finds is told to the owner."""

    deps: Deps
    schedule: Schedule

    def __post_init__(self) -> None:
        self.schedule.register(Periodic("ledger_check", NIGHTLY, self.run))

    async def run(self, now: datetime) -> None:
        """Prove all rules. A database that is too large for the time of a night's check is left to the command."""
        try:
            found = await _found_beside()
        except StoreUnavailable as error:
            logger.warning("the nightly check of the ledger was left out: %s", error)
            return
        if found:
            rules = sorted({rule for rule, _ in found})
            await raise_alert("ledger_broken", {"rules": rules, "rows": len(found)}, now)
        else:
            await settle_alert("ledger_broken", now)


async def _found_beside() -> list[tuple[str, dict[str, Any]]]:
    """What is broken, in a view that holds nobody up: PostgreSQL's snapshot, or a connection of its own."""
    questions = {rule: await checks.statement(rule) for rule in checks.RULES}
    found = await nightly.of_sqlite(questions, AUDIT)
    if found is None:
        return [(finding.rule, finding.row) for finding in (await check_ledger()).findings]
    return found
