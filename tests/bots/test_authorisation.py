"""Every handler of both bots against every kind of actor, with the ids of somebody else's things."""

from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from bot.dialogues import dialogue_key
from bot.dispatchers import customer_dispatcher, staff_dispatcher
from core.store import updates
from core.store.sql import fetch
from handlers.rendering import Renderer
from tests.bots import recording as send
from tests.bots.authorisation_actors import CUSTOMER_BOT, OUTSIDERS, STAFF_BOT, Row, Who
from tests.bots.authorisation_table import CUSTOMER, NEUTRAL, STAFF
from tests.bots.estate import ACCOUNTS, Estate, changed, line_of, prepare
from tests.bots.recording import Line, Reply
from tests.bots.registered import registered, way_of
from tests.bots.world import TEMPLATES
from tests.core.kit import one

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
UNTOLD = ("blocks",)
"""What the bot can't answer."""
BOTS = {"customer": (customer_dispatcher, CUSTOMER), "staff": (staff_dispatcher, STAFF)}


@pytest_asyncio.fixture
async def estate(core, clock, database_url) -> Estate:
    return await prepare(core, clock, database_url)


@on_sqlite
@pytest.mark.parametrize("bot", BOTS)
def test_every_handler_has_a_row(bot, core):
    make, rows = BOTS[bot]
    renderer = Renderer(TEMPLATES, clock=core.deps.clock)
    labels = {row.send.removeprefix("word ") for row in rows if row.send.startswith("word ")}
    handled = registered(make(core, renderer), renderer, labels)
    tried = {(row.handler, way_of(row.send)) for row in rows} | {(row.handler, "") for row in rows}
    names = {handler for handler, _ in handled}
    untried = sorted(f"{handler} by “{way or 'what is sent'}”" for handler, way in handled - tried)
    gone = sorted({row.handler for row in rows} - names)
    assert not untried, f"These have no row in tests/bots/authorisation_table.py: {', '.join(untried)}"
    assert not gone, f"These have a row in tests/bots/authorisation_table.py, but no handler: {', '.join(gone)}"


@on_sqlite
@pytest.mark.parametrize("who", sorted(STAFF_BOT))
async def test_who_may_do_what_in_the_staff_bot(estate, who):
    await every_cell("staff", STAFF, who, estate)


@on_sqlite
@pytest.mark.parametrize("who", sorted(CUSTOMER_BOT))
async def test_who_may_do_what_in_the_customer_bot(estate, who):
    await every_cell("customer", CUSTOMER, who, estate)


@on_sqlite
async def test_a_corrected_sum_throws_away_no_draft_of_another_branch(estate):
    """The new quote is each cashier's own; the draft that it stands for has to be of their branch."""
    row = next(row for row in STAFF if row.send == "say 700")
    for who, status in ((Who.CASHIER_ELSEWHERE, "draft"), (Who.MANAGER, "cancelled")):
        await cell(line_of("staff", estate.core, {}), row, who, estate)
        assert await one("SELECT status FROM purchase WHERE id = $1", estate.values["draft"]) == status
        estate.restore()


async def every_cell(bot: str, rows: tuple[Row, ...], who: Who, estate: Estate) -> None:
    """Try all rows as one actor, each on the database as it was prepared."""
    line = line_of(bot, estate.core, estate.pictures)
    proofs = {Who.CUSTOMER: "customer_proof", Who.OTHER: "other_proof", Who.VISITOR: "visitor_proof"}
    estate.values["own_proof"] = estate.values[proofs[who]] if who in proofs else 0
    before, own_before = estate.read(), estate.of_customer()
    wrong = []
    for row in rows:
        if who not in row.may and any(who in other.may for other in rows if other.same_as(row)):
            continue
        reply = await cell(line, row, who, estate)
        done = changed(before, estate.read())
        own_done = changed(own_before, estate.of_customer()) if done else set()
        found = Found(row, who, estate, reply, done, own_done)
        wrong += [f"{who}, {row.handler} by “{row.send}” asked {row.asked}: {fault}" for fault in found.faults()]
        if done:
            estate.restore()
    assert not wrong, "\n".join(["", *wrong])


async def cell(line: Line, row: Row, who: Who, estate: Estate) -> Reply:
    """Send a row's update, with the row's question open."""
    account = ACCOUNTS[who]
    key = dialogue_key(line.bot.id, account, account)
    await fetch("DELETE FROM dialogue")
    kept = {name: filled(value, estate) for name, value in row.kept.items()}
    await updates.save_dialogue(key, row.asked, kept, estate.core.deps.clock.now())
    return await line.take(sent(row.send, account, estate))


def filled(value: Any, estate: Estate) -> Any:
    """A value with what stands in braces; ids stay numbers."""
    if not isinstance(value, str):
        return value
    return estate.values[value[1:-1]] if value.startswith("{") and value.endswith("}") else value


def sent(what: str, account: int, estate: Estate) -> dict[str, Any]:
    """The update that a row's ``send`` stands for."""
    verb, _, rest = what.format(**estate.values).partition(" ")
    match verb:
        case "press":
            return send.press(account, rest)
        case "word":
            renderer = Renderer(TEMPLATES, clock=estate.core.deps.clock)
            return send.text(account, renderer.label("ru", rest))
        case "photo":
            return send.photo(account, rest)
        case "share" if rest == "own":
            return send.contact(account, f"+7900555{account:04d}")
        case "share":
            return send.contact(account, rest, whose=ACCOUNTS[Who.CUSTOMER])
        case "document":
            return send.document(account, rest)
        case "sticker":
            return send.sticker(account)
        case "blocks":
            return send.blocks(account)
        case "say":
            return send.text(account, rest)
    return send.text(account, f"{verb} {rest}".strip())


@dataclass
class Found:
    """What came of one cell: the tables that changed, and those in which the customer's own rows did."""

    row: Row
    who: Who
    estate: Estate
    reply: Reply
    done: set[str]
    own_done: set[str]

    def faults(self) -> list[str]:
        """Everything that is not as the table says."""
        return [fault for fault in (*self._always(), *(self._allowed() if self.may else self._denied())) if fault]

    @property
    def may(self) -> bool:
        return self.who in self.row.may

    def _always(self) -> list[str]:
        said, own = self.reply.said, self.who is Who.CUSTOMER
        member = self.who in STAFF_BOT - OUTSIDERS
        turned_away = self.who in OUTSIDERS and "telegram_identity" not in self.row.changes
        told = [secret for secret in self.estate.secrets if secret in said]
        return [
            "" if self.reply.answered else "the press was not answered",
            "is told nothing" if not said and self.row.send not in UNTOLD else "",
            f"a stranger is told {said!r}"
            if turned_away and NEUTRAL not in said and self.row.send not in UNTOLD
            else "",
            f"is told {told}" if told and not own and not (member and self.may) else "",
            f"changes the customer's {self.own_done}"
            if self.who in CUSTOMER_BOT and not own and self.own_done
            else "",
        ]

    def _allowed(self) -> list[str]:
        missing, reached = set(self.row.changes) - self.done, self.reply.reached
        says = self.row.says.format(**self.estate.values)
        to_be_told = self.row.says_to is None or self.who in self.row.says_to
        return [
            "" if self.row.handler in reached else f"comes to {reached or 'a refusal'}: {self.reply.said!r}",
            f"does not change {missing}" if missing else "",
            f"changes {self.done}" if self.done and not self.row.changes else "",
            f"is not told {says!r} but {self.reply.said!r}" if to_be_told and says not in self.reply.said else "",
            f"is told {says!r}" if says and not to_be_told and says in self.reply.said else "",
        ]

    def _denied(self) -> list[str]:
        reached = self.row.handler in self.reply.reached
        return [f"changes {self.done}" if self.done else "", "is served by the handler" if reached else ""]
