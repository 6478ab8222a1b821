"""The demonstration: the simulator in this process, a sample merchant, and both bots connected to it."""

import asyncio
import secrets
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.build import build_core
from bot.database import sqlite_path
from bot.settings import Settings
from core.actors import StaffActor, Visitor
from core.domain.people import Role
from core.ports import Clock
from core.services import Services
from core.store import branches as branch_rows
from core.store import outbox
from simulator import BotAccount, Person, Simulator

SAMPLE = Path(__file__).with_name("sample.toml")
SMS_ACCOUNT = ("demo@example.com", "demo-key")
CUSTOMER_BOT = "kopilka_bot"
_PORTS_TRIED = 20
_LOOK_EVERY_S = 2.0


@dataclass(frozen=True)
class Demo:
    """The running simulator, and settings that point the product to it."""

    simulator: Simulator
    settings: Settings


def read_sample() -> dict[str, Any]:
    """The sample merchant as data."""
    return tomllib.loads(SAMPLE.read_text("utf-8"))


async def start_demo(settings: Settings) -> Demo:
    """Start the simulator on the first free port, with the sample's people."""
    sample = read_sample()
    people = [_person(each, "staff") for each in sample["staff"]]
    people += [_person(each, "customer") for each in sample["customers"]]
    customer = BotAccount(
        500, f"500:{secrets.token_hex(16)}", CUSTOMER_BOT, sample["programme"]["name"], "customer"
    )
    till = BotAccount(600, f"600:{secrets.token_hex(16)}", "kopilka_till_bot", sample["till"], "staff")
    simulator = Simulator(
        [customer, till],
        people,
        sms_account=SMS_ACCOUNT,
        title=sample["programme"]["name"],
        memory=_memory_beside(Path(sqlite_path(settings.database()))),
    )
    for each in sample["customers"]:
        if "purchases" in each:  # registered long ago: the bot may write to them first
            simulator.world.acquaint(each["id"], CUSTOMER_BOT)
    await _start_on_free_port(simulator, settings.simulator_port)
    pointed = settings.model_copy(
        update={
            "customer_bot_token": SecretStr(customer.token),
            "staff_bot_token": SecretStr(till.token),
            "telegram_api_url": simulator.url,
            "database_url": SecretStr(settings.database()),
            "sms_gateway": "smsaero",
            "smsaero_email": SMS_ACCOUNT[0],
            "smsaero_api_key": SecretStr(SMS_ACCOUNT[1]),
            "smsaero_sign": "KOPILKA",
            "smsaero_gate": simulator.url.removeprefix("http://"),
            "smsaero_scheme": "http",
        }
    )
    return Demo(simulator, pointed)


def _memory_beside(database: Path) -> Path:
    """The simulator's chats lie beside the demonstration's database, and begin anew together with it."""
    memory = database.with_suffix(".simulator.json")
    if not database.exists():
        memory.unlink(missing_ok=True)
    return memory


@asynccontextmanager
async def named_after_merchant(simulator: Simulator, core: Services) -> AsyncIterator[None]:
    """Head the page, and name the customers' bot, by what the merchant is called now."""

    async def follow() -> None:
        while True:
            name = (await core.programmes.current()).name
            if name != simulator.world.title:
                simulator.world.entitle(name)
                simulator.world.rename(CUSTOMER_BOT, name)
            await asyncio.sleep(_LOOK_EVERY_S)

    following = asyncio.create_task(follow())
    try:
        yield
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def _start_on_free_port(simulator: Simulator, port: int) -> None:
    if port == 0:
        await simulator.start()
        return
    for candidate in range(port, port + _PORTS_TRIED):
        try:
            await simulator.start(port=candidate)
        except OSError:
            continue
        return
    await simulator.start()


def _person(each: dict[str, Any], pane: Any) -> Person:
    first, _, last = each["name"].partition(" ")
    return Person(each["id"], first, last, phone=each["phone"], role=pane)


@dataclass
class _Past:
    """A clock that the sample's history is written by."""

    at: datetime

    def now(self) -> datetime:
        return self.at


async def write_sample(settings: Settings, clock: Clock) -> None:
    """Write the sample merchant into a new, started database by the product's own verbs."""
    sample = read_sample()
    now = clock.now()
    past = _Past(now - timedelta(days=90))
    core = build_core(settings, past)
    await core.programmes.change(sample["programme"])
    branches = [row["id"] for row in await branch_rows.open_branches()]
    for each in sample["branches"][len(branches) :]:
        branches.append(await branch_rows.add(each["name"], settings.timezone, past.at))
    for branch_id, each in zip(branches, sample["branches"], strict=True):
        await branch_rows.put(branch_id, name=each["name"])
    members = [await _hire(core, each, branches[each["branch"]]) for each in sample["staff"]]
    for each in sample["customers"]:
        if "purchases" in each:
            await _remember(core, past, now, each, members)
    # The past told nobody anything; the demonstration begins with quiet phones.
    await outbox.suppress_queued("sample")


async def _hire(core: Services, each: dict[str, Any], branch_id: int) -> StaffActor:
    invite = await core.staff.invite(None, Role(each["role"]), branch_id)
    token = invite.link.rpartition("join_")[2]
    return await core.staff.join(Visitor(each["id"], core.deps.language), token, each["name"])


async def _remember(
    core: Services, past: _Past, now: datetime, each: dict[str, Any], members: list[StaffActor]
) -> None:
    """A customer with a history: registered by their own contact, then the purchases in order of time."""
    visits = sorted(each["purchases"], key=lambda visit: -visit["days_ago"])
    past.at = now - timedelta(days=visits[0]["days_ago"], hours=1)
    visitor = Visitor(each["id"], core.deps.language)
    proof = await core.registrations.accept_contact(
        visitor, each["id"], each["phone"].lstrip("+"), key=f"sample:{each['id']}"
    )
    done = await core.registrations.finish(visitor, proof.proof_id, messages=True)
    actor = await core.identification.customer(each["id"], core.deps.language)
    if isinstance(actor, Visitor):
        raise AssertionError("a sample customer did not register")
    await core.preferences.set_name(actor, each["name"])
    if "birthday" in each:
        await core.preferences.set_birthday(actor, each["birthday"])
    for number, visit in enumerate(visits):
        past.at = now - timedelta(days=visit["days_ago"])
        cashier = members[number % 2]
        key = f"sample:{each['id']}:{number}"
        sale = await core.till.open_sale(cashier, done.customer_id, visit["sum"], key=key)
        await core.till.accrue(cashier, sale.purchase_id)
