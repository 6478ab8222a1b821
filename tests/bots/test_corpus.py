"""Whatever is sent to whichever question of both bots: a sentence within a second, and nothing breaks or moves.

The questions are found in the code, so that a new one is tried too.
"""

import inspect
import time
from collections.abc import Iterator
from typing import Any

import pytest
from aiogram.fsm.state import StatesGroup

import handlers.customer.states
import handlers.staff.states
from bot.dialogues import dialogue_key
from core.check import check_ledger
from core.store import updates
from core.store.sql import fetch
from handlers.callbacks import OnLog, OnText
from tests.bots import recording as send
from tests.bots.authorisation_actors import Who
from tests.bots.corpus import TYPED, UNANSWERED, unusual
from tests.bots.estate import ACCOUNTS, Estate, line_of, prepare

ANSWER_S = 1.0
"""Seconds of this process's own work for one answer: what other processes do meanwhile is no matter."""


def questions(states: Any) -> list[str | None]:
    """The names of all states in a module, and None: no question is open."""
    groups = [each for _, each in inspect.getmembers(states, inspect.isclass) if issubclass(each, StatesGroup)]
    return [None, *(state.state for group in groups for state in group.__states__)]


QUESTIONS = [("staff", each) for each in questions(handlers.staff.states)]
QUESTIONS += [("customer", each) for each in questions(handlers.customer.states)]


def kept(state: str | None, estate: Estate) -> dict[str, Any]:
    """What a dialogue may have kept, whatever was asked."""
    values = estate.values
    of_sale = values["waiting"] if state == "Selling:code" else values["draft"]
    own = {"phone": values["free_phone"], "card": None, "message_id": send.LIVE_MESSAGE, "amount": None}
    proof = {"proof_id": values["visitor_proof"], "registration_id": values["registration"], "messages": True}
    setting = {"branch": None, "name": "accrual_percent", "changes": {"accrual_percent": 700}, "title": "Sample"}
    rule = {"effect": "add", "trigger": "absent", "threshold": 90, "percent": 0, "name": "Sample"}
    following = {"seen": values["version"], "at": None, "rule": rule, "paid": 0, "left": 1}
    if state == "Following:level_field":
        following |= {"at": 0, "field": "name"}
    if state == "Following:rule_days":
        setting |= {"name": "class_cancel_days"}
    if state == "Setting:exclusions":
        setting |= {"listed": [], "all": False, "version": values["version"], "search": "", "page": 0}
    setting |= {"numbers": [30, 100, 14], "draft": {}}
    if state == "Campaigning:span":
        setting |= {"name": "purchases"}
    office = {"member_id": values["member"], "branch_id": values["here"], "at": OnLog(do="about").pack()}
    if state == "Managing:log":
        following |= {"at": office["at"]}
    goods = {
        "product_id": values["product"],
        "search": "",
        "category": None,
        "kind": "products",
        "id": values["product"],
    }
    if state == "Cataloguing:group":
        goods |= {"id": values["group"], "product": 0}
    if state == "Cataloguing:field":
        goods |= {"field": "barcode"}
    wording = {"pressed": OnText(do="edit", word="receipt", language="ru").pack(), "body": "Готово"}
    office |= goods | wording | {"campaign_id": values["campaign"], "points": 600_00, "stars": 4, "method": "cash"}
    whose = {"customer_id": values["customer"], "purchase_id": of_sale, "referral": None}
    return office | own | proof | setting | following | whose


def asked_of(bot: str, state: str | None) -> Who:
    if bot == "staff":
        return Who.OWNER
    return Who.VISITOR if (state or "").startswith("Registration:") else Who.CUSTOMER


def corpus(account: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for words in TYPED:
        yield repr(words)[:60], send.text(account, words) if words.strip() else send.message(account, text=words)
    yield from unusual(account, ACCOUNTS[Who.OTHER]).items()
    yield "a photo of nothing", send.photo(account, "noise")
    for data in ("", "x", "s:accrue:", "🙂" * 16, None):
        yield f"a press of {data!r}", send.press(account, data)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("bot", "state"), QUESTIONS)
async def test_every_question_takes_all_of_it_kindly(core, clock, database_url, bot, state):
    estate = await prepare(core, clock, database_url)
    await fetch("PRAGMA synchronous = OFF")
    line = line_of(bot, core, {"noise": b"no picture", "f": b"no file"})
    account = ACCOUNTS[asked_of(bot, state)]
    key = dialogue_key(line.bot.id, account, account)
    ledger = await fetch("SELECT * FROM ledger_entry ORDER BY id")
    faults = []
    for name, sent in corpus(account):
        await updates.save_dialogue(key, state, kept(state, estate), clock.now())
        began = time.process_time()
        reply = await line.take(sent)
        took = time.process_time() - began
        if not reply.answered or (not reply.said.strip() and name not in UNANSWERED):
            faults.append(f"{name} was not answered")
        if took > ANSWER_S:
            faults.append(f"{name} took {took:.1f} s")
        if "{{" in reply.said.replace("{{7*7}}", "") or "Traceback" in reply.said or reply.said.strip() == "49":
            faults.append(f"{name}: {reply.said!r}")
    assert not faults, faults
    assert await fetch("SELECT * FROM ledger_entry ORDER BY id") == ledger
    assert await fetch("SELECT error FROM parked_update") == []
    assert not (await check_ledger()).findings
