"""A merchant with one of everything that a wrong actor could lay hands on, and what is in its database."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiogram import Bot

from bot.dispatchers import customer_dispatcher, staff_dispatcher
from core.actors import StaffActor, Visitor
from core.coupons import CouponDraft
from core.domain.basket import DiscountSource
from core.domain.people import Role
from core.domain.promotions import Benefit, Conditions, Gives
from core.offer_views import Draft as OfferDraft
from core.services import Services
from core.store import branches, campaigns, held, identities, programmes
from core.store.sql import fetch, fetch_one
from handlers.images import draw_qr
from handlers.rendering import Renderer
from tests.bots.authorisation_actors import Who
from tests.bots.recording import Line
from tests.bots.world import TEMPLATES
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import actor_of, one, promo_code, sent_code

ACCOUNTS = {who: 300 + number for number, who in enumerate(Who)}
ACCOUNTS[Who.CLIENT] = ACCOUNTS[Who.CUSTOMER]
ACCOUNTS[Who.STAFF_ACCOUNT] = ACCOUNTS[Who.CASHIER]
"""The Telegram accounts: a customer is the same person in both bots, and so is a cashier."""

BRINGER, COLLEAGUE = 401, 402
NAME, PHONE, NEW_PHONE, FREE_PHONE = "Аглая", "79007318264", "79007318265", "79007318266"
CARD, FREE_CARD = "4400000001", "4400000002"
SHEET = "Артикул;Название\nA1;Пирог\nA2;\n".encode()
SUMS = {"old": 4_000_000, "completed": 123_400, "draft": 156_700, "waiting": 178_900}

ASIDE = {"handled_update", "dialogue", "lease", "sqlite_sequence", "audit_head"}
"""Tables that say nothing of what was done: marks, open questions, leases, and numbers given out."""

Rows = dict[str, frozenset[str]]


@dataclass
class Estate:
    """The prepared database: ``values`` are what rows of the table name in braces."""

    core: Services
    path: Path
    values: dict[str, Any]
    pictures: dict[str, bytes]
    secrets: tuple[str, ...]

    def read(self, keep: Callable[[str, dict[str, Any]], bool] = lambda table, row: True) -> Rows:
        """All rows of all tables that tell, as text; ``keep`` chooses among them."""
        with closing(sqlite3.connect(self.path)) as database:
            database.row_factory = sqlite3.Row
            tables = {
                row["name"] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
            found = {}
            for table in tables - ASIDE:
                rows = map(dict, database.execute(f'SELECT * FROM "{table}"'))
                found[table] = frozenset(repr(row) for row in rows if keep(table, row))
            return found

    def of_customer(self) -> Rows:
        """The rows that are the customer's own."""
        return self.read(lambda table, row: owner_of(table, row) == self.values["customer"])

    def not_of(self, account: int, customer_id: int | None) -> Rows:
        """All rows but those in which somebody keeps their own choices."""
        return self.read(lambda table, row: not is_own(table, row, account, customer_id))

    def keep(self) -> None:
        """Remember the database as it is."""
        _copy(self.path, self.kept)

    def restore(self) -> None:
        """Back to how it was prepared, under the open connections."""
        _copy(self.kept, self.path)

    @property
    def kept(self) -> Path:
        return self.path.with_suffix(".prepared")


def _copy(of: Path, to: Path) -> None:
    with closing(sqlite3.connect(of)) as source, closing(sqlite3.connect(to)) as target:
        target.execute("PRAGMA synchronous = OFF")
        source.backup(target)


def line_of(name: str, core: Services, pictures: Mapping[str, bytes]) -> Line:
    """The ``customer`` or the ``staff`` bot; ``pictures`` are the photos by their file ids."""
    renderer = Renderer(TEMPLATES, clock=core.deps.clock)
    if name == "customer":
        return Line.of("100:customer-token", customer_dispatcher(core, renderer), core.deps.clock)

    async def fetch_photo(bot: Bot, file_id: str) -> bytes:
        return pictures[file_id]

    dispatcher = staff_dispatcher(core, renderer)
    dispatcher["fetch_photo"] = dispatcher["fetch_document"] = fetch_photo
    return Line.of("200:staff-token", dispatcher, core.deps.clock)


def changed(before: Rows, after: Rows) -> set[str]:
    """The tables that are not what they were."""
    return {table for table in before.keys() | after.keys() if before.get(table) != after.get(table)}


def owner_of(table: str, row: dict[str, Any]) -> int | None:
    """The customer whose row it is."""
    return row["id"] if table == "customer" else row.get("customer_id")


def is_own(table: str, row: dict[str, Any], account: int, customer_id: int | None) -> bool:
    """Whether somebody may change the row by a press for themselves: language, consents, the shown code."""
    if table == "telegram_identity":
        return row["telegram_id"] == account
    if table == "audit_row":
        return row["actor_kind"] == "customer" and row["actor_id"] == customer_id
    own = table in ("customer", "consent", "shown_code") and owner_of(table, row) == customer_id
    return own and customer_id is not None


async def prepare(core: Services, clock: ManualClock, database_url: str) -> Estate:
    """Two branches with their people, and a customer of the first with a sale in each status."""
    level = {"name": "Silver", "threshold": 10_000_000_000, "accrual_percent": 700}
    rule = {"effect": "add", "trigger": "no_show", "name": "VIP"}
    await core.programmes.change({"name": "Лавка", "levels": [level], "rules": [rule], "discount_cancel_days": 60})
    away = await branches.add("Дальняя точка", "Europe/Moscow", clock.now())
    staff = await _people(core, away)
    cashier = staff[Who.CASHIER]
    customer = await enrol(core, ACCOUNTS[Who.CUSTOMER], PHONE)
    await core.preferences.edit_at_till(cashier, customer, name=NAME)
    await core.cards.bind(cashier, customer, CARD)
    other = await enrol(core, ACCOUNTS[Who.OTHER], "79007318270")
    bringer = await enrol(core, BRINGER, "79007318271")
    values = {
        "here": cashier.branch_id,
        "member": (await hire(core, COLLEAGUE, Role.CASHIER, cashier.branch_id)).id,
        "member_name": f"Member {COLLEAGUE}",
        "manager_id": staff[Who.MANAGER].id,
        "owner_id": staff[Who.OWNER].id,
        "customer": customer,
        "other": other,
        "name": NAME,
        "phone": PHONE,
        "new_phone": NEW_PHONE,
        "free_phone": FREE_PHONE,
        "free_card": FREE_CARD,
        "card": CARD,
        "card_id": await one("SELECT id FROM card WHERE number = $1", CARD),
        "other_phone": "79007318270",
        "bringer": bringer,
        "export": await _export(core, staff[Who.OWNER]),
        "promo": await promo_code(core, customer),
        "bringer_promo": await promo_code(core, bringer),
        "customer_proof": await _proof_of(ACCOUNTS[Who.CUSTOMER]),
        "other_proof": await _proof_of(ACCOUNTS[Who.OTHER]),
        "sum": "1 234",
    }
    await core.staff.dismiss(staff[Who.OWNER], staff[Who.DISMISSED].id)
    values |= await _sales(core, clock, cashier, customer)
    values |= await _newcomers(core, cashier)
    values |= await _gifts(core, clock, cashier, customer)
    values |= await _goods(core, staff[Who.MANAGER])
    values |= await _offers(core, clock, staff[Who.MANAGER])
    values |= await _campaigns(core, staff[Who.MANAGER])
    awaited = await core.visits.expect(cashier, customer, clock.now() + timedelta(hours=1), key="estate:visit")
    values |= {"visit": awaited.id, "version": await programmes.newest_version()}
    owner_of_data = actor_of(customer, ACCOUNTS[Who.CUSTOMER])
    asked = await core.privacy.request_code(owner_of_data, "79007318267", key="estate:new_phone")
    values["new_code"] = await sent_code(core, asked.code_id)
    clock.forward(seconds=70)  # the pause between two codes is over
    values |= await _guarded(core, staff, values) | {"away": away}
    shown = await core.cards.show(actor_of(customer, ACCOUNTS[Who.CUSTOMER]))
    values["shown"] = shown.code
    pictures = {"qr": await draw_qr(shown.qr_text), "card": await draw_qr(FREE_CARD), "sheet": SHEET}
    secrets = (
        NAME,
        PHONE[-10:],
        "82-64",
        PHONE[-4:],
        CARD,
        shown.code,
        "1 234",
        "1 567",
        "1 789",
        values["member_name"],
    )
    values["stop_of_nobody"] = core.consents.stop_link(10**9).partition("stop_")[2]
    estate = Estate(core, Path(database_url.removeprefix("sqlite:///")), values, pictures, secrets)
    estate.keep()
    return estate


async def _export(core: Services, owner: StaffActor) -> int:
    """A finished export."""
    made = await core.exports.begin(owner, key="estate")
    while (job := await core.jobs.claim("estate")) is not None:
        while job is not None:
            job = await core.jobs.step(job, "estate")
    return made


async def _people(core: Services, away: int) -> dict[Who, StaffActor]:
    places = {
        Who.CASHIER: (Role.CASHIER, None),
        Who.CASHIER_ELSEWHERE: (Role.CASHIER, away),
        Who.DISMISSED: (Role.CASHIER, None),
        Who.OPERATOR: (Role.OPERATOR, None),
        Who.MANAGER: (Role.MANAGER, None),
        Who.MANAGER_ELSEWHERE: (Role.MANAGER, away),
        Who.OWNER: (Role.OWNER, away),
    }
    return {who: await hire(core, ACCOUNTS[who], role, branch) for who, (role, branch) in places.items()}


async def _sales(core: Services, clock: ManualClock, cashier: StaffActor, customer: int) -> dict[str, Any]:
    """An old sale whose points can be spent, and one completed, one waiting with a code, one draft."""

    async def opened(name: str) -> int:
        sale = await core.till.open_sale(cashier, customer, SUMS[name], key=f"estate:{name}")
        return sale.purchase_id

    await core.till.accrue(cashier, await opened("old"))
    clock.forward(hours=2)
    completed, waiting = await opened("completed"), await opened("waiting")
    await core.till.accrue(cashier, completed)
    await core.redemption.spend(cashier, waiting, 30_000, key="estate:spend")
    sent = await core.redemption.send_code(cashier, waiting, key="estate:code")
    return {
        "completed": completed,
        "waiting": waiting,
        "draft": await opened("draft"),
        "hold": await one("SELECT id FROM hold WHERE purchase_id = $1", waiting),
        "sale_code": await sent_code(core, sent.code_id),
    }


async def _offers(core: Services, clock: ManualClock, manager: StaffActor) -> dict[str, Any]:
    """A promotion of the manager's branch for large receipts only, and a coupon."""
    now = clock.now()
    large = Conditions(min_purchase=90_000_000_00)
    gives = Gives(DiscountSource.PROMOTION, 0, "Весна", Benefit.FACTOR, 200, large)
    made = await core.promotions.save(manager, OfferDraft(gives, now, None), key="estate:promotion")
    gives = Gives(DiscountSource.COUPON, 0, "Лето", Benefit.PERCENT, 1000)
    coupon = CouponDraft(OfferDraft(gives, now, None), "SUMMER")
    batch = await core.coupons.save(manager, coupon, key="estate:coupon")
    return {"promotion": made.gives.id, "batch": batch.offer.gives.id}


async def _campaigns(core: Services, manager: StaffActor) -> dict[str, Any]:
    """A manager's campaigns: a draft, one that is being sent, one that is paused. The manager has the bot."""

    async def made(key: str) -> int:
        view = await core.campaigns.create(manager, key=f"estate:{key}")
        await core.campaigns.edit(manager, view.row.id, body="Весенние скидки")
        return view.row.id

    draft = await made("draft")
    await core.campaigns.edit(manager, draft, button_label="Открыть", button_link="https://example.com/a")
    await core.campaigns.set_picture(manager, draft, "file", b"picture")
    await core.segments.set_condition(manager, draft, "languages", ("ru",))
    await identities.set_account_language(manager.telegram_id, "ru", core.deps.clock.now())
    sent, paused = await made("sent"), await made("paused")
    for each in (sent, paused):
        await core.campaigns.launch(manager, each)
        await campaigns.update(each, state="sending", started_at=core.deps.clock.now())
    await core.sendings.pause(manager, paused)
    return {
        "campaign": draft,
        "sent_campaign": sent,
        "paused_campaign": paused,
        "campaign_time": int((core.deps.clock.now() + timedelta(days=1)).timestamp()) // 60,
    }


async def _gifts(core: Services, clock: ManualClock, cashier: StaffActor, customer: int) -> dict[str, Any]:
    """One gift that was given for points, and one that waits with a code."""
    await core.programmes.change({"gifts": [{"title": "Кружка", "points": 10_000}]})
    number = (await core.gifts.for_till(cashier, customer)).gifts[0].number
    given = await core.gifts.ask(cashier, customer, number, key="estate:given")
    await core.gifts.confirm(actor_of(customer, ACCOUNTS[Who.CUSTOMER]), given.exchange_id)
    asked = await core.gifts.ask(cashier, customer, number, key="estate:exchange")
    sent = await core.gifts.send_code(cashier, asked.exchange_id, key="estate:gift")
    return {
        "gift": number,
        "given": given.exchange_id,
        "exchange": asked.exchange_id,
        "gift_code": await sent_code(core, sent.code_id),
    }


async def _goods(core: Services, manager: StaffActor) -> dict[str, Any]:
    """A product in its category, an empty category, and a file that waits to be loaded."""
    product = await core.catalogue.add(manager, "Чай", 10_000, key="estate:product")
    group, empty = [await core.catalogue.add_category(manager, name) for name in ("Напитки", "Пусто")]
    await core.catalogue.change(manager, product.id, category_id=group)
    file = await core.imports.read(manager, "products", "list.csv", SHEET, key="estate:file")
    return {"product": product.id, "group": group, "empty_group": empty, "import": file.id}


async def _guarded(core: Services, staff: dict[Who, StaffActor], values: dict[str, Any]) -> dict[str, Any]:
    """Points that wait: of a sale above the limits, and by hand; an invitation, and a row of the log."""
    customer, now = values["customer"], core.deps.clock.now()
    await held.insert(values["completed"], customer, values["here"], 10_000, "largest", now)
    await _reviewed(customer, values)
    made = await core.manual.propose(staff[Who.MANAGER], customer, 60_000, "Sample", key="estate:manual")
    return {
        "manual": made.row.id,
        "invite_id": await one("SELECT max(id) FROM staff_invite WHERE used_at IS NULL"),
        "log_row": await one("SELECT max(id) FROM audit_row WHERE action = 'customer.edited'"),
    }


async def _reviewed(customer: int, values: dict[str, Any]) -> None:
    """A purchase whose customer gave few stars: managers were told of them, and words may follow."""
    at = await fetch_one("SELECT completed_at FROM purchase WHERE id = $1", values["completed"])
    await fetch(
        "INSERT INTO review (purchase_id, customer_id, branch_id, asked_at, stars, rated_at) "
        "VALUES ($1, $2, $3, $4, 2, $4)",
        values["completed"],
        customer,
        values["here"],
        at["completed_at"],
    )


async def _newcomers(core: Services, cashier: StaffActor) -> dict[str, Any]:
    """A registration begun at the till, a visitor with a proof and another code, and an invitation."""
    registration = await core.till_registrations.open_at_till(cashier, NEW_PHONE, name="Новенький")
    sent = await core.till_registrations.send_till_code(cashier, registration, key="estate:register")
    await core.till_registrations.send_link(cashier, registration, key="estate:link")
    sealed = await one("SELECT secret FROM message WHERE template = 'sms/registration_link'")
    visitor = Visitor(ACCOUNTS[Who.VISITOR], "ru")
    proof = await core.registrations.accept_contact(visitor, visitor.telegram_id, FREE_PHONE, key="estate:contact")
    asked = await core.registrations.request_code(visitor, FREE_PHONE, key="estate:visitor")
    return {
        "registration": registration,
        "registration_code": await sent_code(core, sent.code_id),
        "registration_token": core.deps.keys.unseal(sealed)["link"].rpartition("reg_")[2],
        "visitor_proof": proof.proof_id,
        "visitor_code": await sent_code(core, asked.code_id),
        "invite": (await core.staff.invite(None, Role.CASHIER)).link.rpartition("join_")[2],
    }


async def _proof_of(account: int) -> int:
    found = await fetch_one("SELECT max(id) AS id FROM verification_code WHERE subject = $1", f"tg:{account}")
    assert found is not None
    return int(found["id"])
