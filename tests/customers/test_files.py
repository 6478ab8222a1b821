"""Customers and cards from files, and everything out into files."""

import csv
import io
import zipfile
from pathlib import Path

import pytest

from core.actors import StaffActor
from core.check import check_ledger
from core.domain.errors import ExportGone, NotAllowed
from core.domain.people import Role
from core.exports import KEPT
from core.services import Services
from core.store import cards, customers
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import buy, one, points_of

FILE = """Телефон;ФИО;Дата рождения;Номер карты;Бонусы;Язык
8 900 000-00-11;Анна Петрова;05.03.1990;700011;150,50;ru
+7 (900) 000-00-12;;;;;
9000000013;Борис;1985-12-31;700012;0;en
+7 900 000 00 11;Она же;;;1;
12345;Никто;;;;
"""


@pytest.fixture
async def owner(core: Services) -> StaffActor:
    return await hire(core, 9003, Role.OWNER)


async def done(core: Services) -> None:
    """Do all jobs to their ends."""
    while (job := await core.jobs.claim("test")) is not None:
        while job is not None:
            job = await core.jobs.step(job, "test")


async def load(core: Services, actor: StaffActor, kind: str, text: str, key: str) -> tuple[int, int, int, int]:
    view = await core.imports.read(actor, kind, "list.csv", text.encode(), key=key)
    await core.imports.load(actor, view.id)
    await done(core)
    view = await core.imports.look(actor, view.id)
    return view.added, view.changed, view.same, view.wrong


async def test_customers_come_once_with_points_that_count_as_nothing_bought(
    core: Services, owner: StaffActor, cashier: StaffActor
) -> None:
    view = await core.imports.read(owner, "customers", "list.csv", FILE.encode(), key="dry")
    assert (view.added, view.changed, view.same, view.wrong) == (3, 0, 0, 2)
    assert await one("SELECT count(*) AS n FROM customer") == 0
    await core.imports.load(owner, view.id)
    await done(core)
    panel = await core.identification.by_phone(cashier, "79000000011")
    assert (panel.name, panel.points, panel.card_number, panel.purchases) == ("Анна Петрова", 150_50, "700011", 0)
    assert not panel.phone_verified
    assert await one("SELECT kind FROM ledger_entry") == "adjustment"
    assert (await check_ledger()).findings == ()
    assert await load(core, owner, "customers", FILE, "again") == (0, 0, 3, 2)
    assert await points_of(core, panel.customer_id) == 150_50


async def test_an_imported_customer_is_joined_by_the_first_contact(core: Services, owner: StaffActor) -> None:
    await load(core, owner, "customers", FILE, "first")
    imported = await customers.by_phone("79000000012")
    assert imported is not None
    assert await enrol(core, 5, "79000000012") == imported.id
    assert await cards.number_of(imported.id) is not None
    assert await one("SELECT count(*) AS n FROM customer") == 3


async def test_a_known_customer_is_filled_in_and_gets_no_points(core: Services, owner: StaffActor) -> None:
    known = await enrol(core, 5, "79000000011")
    assert await load(core, owner, "customers", FILE, "first") == (2, 1, 0, 2)
    row = await customers.get(known)
    assert row is not None
    assert (row.name, str(row.birthday)) == ("Анна Петрова", "1990-03-05")
    assert await points_of(core, known) == 0


async def test_somebody_elses_card_is_refused_in_its_row(
    core: Services, owner: StaffActor, cashier: StaffActor
) -> None:
    other = await enrol(core, 6, "79000000099")
    await core.cards.bind(cashier, other, "700011")
    view = await core.imports.read(owner, "customers", "list.csv", FILE.encode(), key="dry")
    assert view.wrong == 3
    assert "другого клиента" in " ".join(each.expected for each in view.problems)
    with pytest.raises(NotAllowed):
        await core.imports.read(cashier, "customers", "list.csv", FILE.encode(), key="no")


async def test_cards_come_into_the_pool_with_or_without_a_header(core: Services, owner: StaffActor) -> None:
    assert await load(core, owner, "cards", "900001\n900002\n900003\n", "bare") == (3, 0, 0, 0)
    assert await load(core, owner, "cards", "Номер карты\n900003\n900004\nabc\n", "headed") == (1, 0, 1, 1)
    counts = await core.card_pool.counts(owner)
    assert (counts.issued, counts.bound, counts.blocked) == (4, 0, 0)
    assert await one("SELECT count(*) AS n FROM customer") == 0


async def test_everything_is_exported_and_no_cell_is_a_formula(
    core: Services, owner: StaffActor, cashier: StaffActor, tmp_path: Path, clock: ManualClock
) -> None:
    customer = await enrol(core, 1)
    await core.directory.edit(owner, customer, name="=cmd|'/c calc'!A1")
    await buy(core, cashier, customer, 1_000_00)
    await load(core, owner, "cards", "900001\n900002\n", "cards")
    job = await core.exports.begin(owner, key="export")
    with pytest.raises(ExportGone):
        await core.exports.files(owner, job, tmp_path)
    await done(core)
    (path,) = await core.exports.files(owner, job, tmp_path)
    with zipfile.ZipFile(path) as packed:
        tables = {
            name: list(csv.reader(io.StringIO(packed.read(name).decode("utf-8-sig")), delimiter=";"))
            for name in packed.namelist()
        }
    assert set(tables) == {"клиенты.csv", "покупки.csv", "операции.csv", "карты.csv"}
    people = [dict(zip(tables["клиенты.csv"][0], row, strict=True)) for row in tables["клиенты.csv"][1:]]
    assert [(each["Имя"], each["Баллы"], each["Куплено"]) for each in people] == [
        ("'=cmd|'/c calc'!A1", "50,00", "1000,00")
    ]
    assert len(tables["карты.csv"]) == 1 + 3
    assert len(tables["покупки.csv"]) == len(tables["операции.csv"]) == 2
    said = [dict(zip(rows[0], row, strict=True)) for rows in tables.values() for row in rows[1:]]
    assert {each["Статус"] for each in said if "Статус" in each} == {"проведена", "у клиента", "в запасе"}
    assert [each["Вид"] for each in said if "Вид" in each] == ["начисление"]
    with pytest.raises(NotAllowed):
        await core.exports.files(cashier, job, tmp_path)
    clock.forward(seconds=KEPT.total_seconds() + 1)
    await core.exports.forget_old(clock.now())
    with pytest.raises(ExportGone):
        await core.exports.files(owner, job, tmp_path)


async def test_an_export_of_many_rows_goes_on_where_it_stopped(
    core: Services, owner: StaffActor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.exports.BATCH", 3)
    for number in range(7):
        await enrol(core, 10 + number)
    job = await core.exports.begin(owner, key="export")
    taken = await core.jobs.claim("first")
    assert taken is not None
    taken = await core.jobs.step(taken, "first")
    assert taken is not None
    await core.jobs.release(taken, "first")
    await done(core)
    (path,) = await core.exports.files(owner, job, tmp_path)
    with zipfile.ZipFile(path) as packed:
        rows = packed.read("клиенты.csv").decode("utf-8-sig").splitlines()
    assert len(rows) == 8
    assert len(set(rows)) == 8
