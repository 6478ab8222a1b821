"""The judge: reads the whole ledger in one snapshot, now and again during the load and at its end."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from core.store import checks
from core.store.sql import fetch
from core.store.transactions import StoreUnavailable, is_of_database, is_passing, run_in_transaction
from simulator import World
from tests.bots.world import CUSTOMER_BOT
from tests.faults.facts import Facts, money
from tests.faults.fleet import Fleet

PAUSE_S = 1.0
ALLOWED_ERRORS = frozenset({"update_delayed"})
"""Lines at the level "error" that a fault may cause. Any other means that a fault was taken for a bug."""


@dataclass(frozen=True)
class Snapshot:
    """One moment of the database."""

    findings: list[str]
    purchases: list[dict[str, Any]]
    entries: dict[int, tuple[Any, ...]]


@dataclass
class Verdict:
    """What was found wrong, and how much was looked at."""

    wrong: list[str] = field(default_factory=list)
    reads: int = 0
    sales: int = 0
    entries: int = 0


async def read() -> Snapshot:
    """All rules of the ledger, the purchases and the entries, in one view of the open database."""

    async def work() -> Snapshot:
        await checks.freeze_view()
        findings = [f"{rule}: {row}" for rule in checks.RULES for row in await checks.broken(rule)]
        purchases = await fetch(
            "SELECT id, customer_id, subtotal, status, points, completed_at FROM purchase ORDER BY id"
        )
        entries = await fetch(
            "SELECT id, customer_id, kind, points, debt_change, purchase_id, request_key FROM ledger_entry"
        )
        return Snapshot(findings, purchases, {row["id"]: tuple(row.values()) for row in entries})

    return await run_in_transaction(work)


class Judge:
    """Compares what it reads with what people were told."""

    def __init__(self, fleet: Fleet, facts: Facts, before: Snapshot) -> None:
        self._fleet = fleet
        self._world: World = fleet.world
        self._facts = facts
        self._seen = before.entries
        self._seeded = {row["id"] for row in before.purchases}
        self.verdict = Verdict()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Read again and again. The open database is the judge's own."""
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error

    async def _watch(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(PAUSE_S)

    async def look(self) -> Snapshot | None:
        """One read, compared with what people had been told before it; None while the database is away."""
        told = self._facts.acknowledged(), self._facts.undone(), self._facts.redeemed()
        try:
            snapshot = await read()
        except Exception as error:
            if not (isinstance(error, StoreUnavailable) or (is_of_database(error) and is_passing(error))):
                raise
            return None
        self.verdict.reads += 1
        self._rules(snapshot)
        self._sales(snapshot, *told)
        return snapshot

    def _rules(self, snapshot: Snapshot) -> None:
        self._wrong(*snapshot.findings)
        for number, entry in self._seen.items():
            if snapshot.entries.get(number) != entry:
                self._wrong(f"ledger entry {number} was {entry} and is {snapshot.entries.get(number)}")
        self._seen = snapshot.entries

    def _sales(self, snapshot: Snapshot, told: set[int], undone: set[int], redeemed: set[int]) -> None:
        done = [row for row in snapshot.purchases if row["completed_at"] and row["id"] not in self._seeded]
        amounts = Counter(row["subtotal"] for row in done)
        by_amount = {row["subtotal"]: row for row in done}
        self._wrong(*(f"sale {money(amount)} is there {n} times" for amount, n in amounts.items() if n > 1))
        self._wrong(*(f"sale {money(each)} was acknowledged and is lost" for each in told - set(amounts)))
        for amount, row in by_amount.items():
            sale = self._facts.sales.get(amount)
            if sale is None or not sale.pressed:
                self._wrong(f"sale {money(amount)} was completed and nobody asked for it")
            elif row["status"] == "cancelled" and not sale.undo_pressed:
                self._wrong(f"sale {money(amount)} was undone and nobody asked for it")
        for amount in undone & set(by_amount):
            if by_amount[amount]["status"] != "cancelled":
                self._wrong(f"sale {money(amount)} was said to be undone and is not")
        for amount in redeemed & set(by_amount):
            if not by_amount[amount]["points"]:
                self._wrong(f"sale {money(amount)} was said to be paid by points and is not")

    async def conclude(self) -> Verdict:
        """The last read, after everything has come to rest."""
        snapshot = await self.look()
        if snapshot is None:
            self._wrong("the database could not be read at the end")
            return self.verdict
        self.verdict.sales = sum(1 for row in snapshot.purchases if row["completed_at"]) - len(self._seeded)
        self.verdict.entries = len(snapshot.entries)
        await self._customers()
        await self._messages()
        await self._sms()
        await self._rest()
        self._logs()
        return self.verdict

    async def _customers(self) -> None:
        rows = await fetch(
            "SELECT c.phone, t.telegram_id FROM customer c LEFT JOIN telegram_identity t ON t.customer_id = c.id "
            "AND t.bot = 'customer' WHERE c.phone IS NOT NULL"
        )
        found = Counter(row["phone"] for row in rows)
        self._wrong(*(f"phone …{phone[-4:]} is registered {n} times" for phone, n in found.items() if n > 1))
        owners = {row["phone"]: row["telegram_id"] for row in rows}
        for phone, person in self._facts.registered.items():
            if owners.get(phone) != person:
                self._wrong(f"phone …{phone[-4:]} was said to be registered and is not")

    async def _messages(self) -> None:
        """Each thing to be told to the other person arrived once or twice."""
        rows = await fetch(
            "SELECT m.id, m.template, m.state, m.reason, m.tries, m.chat_id, m.data, m.dedupe_key FROM message m "
            "WHERE m.channel = 'telegram' AND m.bot = 'customer' AND m.topic IN ('receipts', 'confirmation') "
            "AND m.edits_key IS NULL"
        )
        wanted = Counter((row["chat_id"], _words(row)) for row in rows)
        for row in rows:
            copies = self._copies(row["chat_id"], _words(row))
            if row["state"] != "suppressed" and not copies:
                self._wrong(f"message {row['dedupe_key']} ({row['state']}, {row['reason']}) never arrived")
            if copies > 2 * wanted[row["chat_id"], _words(row)]:
                self._wrong(f"message {row['dedupe_key']} arrived {copies} times, tries {row['tries']}")

    def _copies(self, person: int, words: tuple[str, str]) -> int:
        chat = self._world.bot(CUSTOMER_BOT.id).chats[person]
        return sum(
            any(all(part in text for part in words) for text in (message.text, *(v.text for v in message.history)))
            for message in chat.messages.values()
            if message.from_bot
        )

    async def _sms(self) -> None:
        """What the product holds for sent was sent, nothing more than twice; whoever waits in vain was told."""
        rows = await fetch("SELECT id, phone, state, reason, tries FROM message WHERE channel = 'sms'")
        for row in rows:
            arrived = Counter(sms.text for sms in self._world.sms(row["phone"]))
            if row["state"] in ("sent", "delivered") and not arrived:
                self._wrong(f"SMS {row['id']} was sent by the books, and never arrived")
            if any(copies > 2 for copies in arrived.values()):
                self._wrong(f"SMS {row['id']} arrived more than twice, tries {row['tries']}")
            if row["state"] in ("failed", "unknown") and not await fetch(
                "SELECT 1 AS one FROM message WHERE dedupe_key LIKE $1", f"notice/sms_%:{row['id']}:%"
            ):
                self._wrong(f"SMS {row['id']} ({row['state']}, {row['reason']}) was lost, and nobody was told")

    async def _rest(self) -> None:
        for row in await fetch("SELECT update_id, error FROM parked_update"):
            self._wrong(f"update {row['update_id']} was put aside: {row['error']}")

    def _logs(self) -> None:
        """A fault is never taken for a bug in the code."""
        for name, line in self._fleet.logs():
            if not line.startswith("{"):
                continue
            try:
                said = json.loads(line)
            except ValueError:
                continue  # cut off by SIGKILL
            if said.get("level") == "error" and said.get("event") not in ALLOWED_ERRORS:
                self._wrong(f"{name} said: {line}")

    def _wrong(self, *findings: str) -> None:
        for finding in findings:
            if finding not in self.verdict.wrong:
                self.verdict.wrong.append(finding)


async def unfinished(world: World) -> list[str]:
    """What is still on its way: open holds, messages to be sent, updates that wait."""
    found = []
    for table, condition in (("hold", "settled_at IS NULL"), ("message", "state IN ('queued', 'sending')")):
        rows = await fetch(f"SELECT count(*) AS n FROM {table} WHERE {condition}")
        if rows[0]["n"]:
            found.append(f"{rows[0]['n']} of {table} where {condition}")
    waiting = sum(len(world.pending_updates(bot)) for bot in world.bots)
    return found + ([f"{waiting} updates"] if waiting else [])


def _words(row: dict[str, Any]) -> tuple[str, str]:
    """What the message's text holds, and no other's in the same chat."""
    data = json.loads(row["data"]) if isinstance(row["data"], str) else row["data"]
    amount = money(data["subtotal"])
    if row["template"] == "notice/undone":
        return "↩️", f"\n{amount}"
    return "🧾" if row["template"] == "notice/receipt" else "💸", f"Покупка {amount}"
