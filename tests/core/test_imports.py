"""Files loaded into the catalogue: the dry run, errors by row, loading once whatever happens, and who may."""

import csv
import io

import pytest

from core.actors import StaffActor
from core.domain.catalogue import Product
from core.domain.errors import FileRefused, ImportGone, NotAllowed
from core.domain.people import Role
from core.imports import BATCH, KEPT, ImportView
from core.jobs import LEASE
from core.services import Services
from core.store import catalogue
from tests.conftest import ManualClock, hire
from tests.core.kit import fresh_key, one

HEAD = "Артикул;Штрихкод;Наименование;Группа;Цена, руб.;В продаже\n"


@pytest.fixture
async def manager(core: Services) -> StaffActor:
    return await hire(core, 9301, Role.MANAGER)


async def read(core: Services, actor: StaffActor, text: str, key: str | None = None) -> ImportView:
    return await core.imports.read(actor, "products", "list.csv", text.encode(), key=key or fresh_key())


async def work_off(core: Services) -> None:
    while (job := await core.jobs.claim("worker")) is not None:
        while job is not None:
            job = await core.jobs.step(job, "worker")


async def load(core: Services, actor: StaffActor, text: str) -> ImportView:
    view = await read(core, actor, text)
    await core.imports.load(actor, view.id)
    await work_off(core)
    return await core.imports.look(actor, view.id)


def counts(view: ImportView) -> tuple[int, int, int, int]:
    return view.added, view.changed, view.same, view.wrong


async def products() -> dict[str | None, Product]:
    found, _ = await catalogue.page(0, 1_000_000)
    return {each.article: each for each in found}


async def test_a_dry_run_counts_and_changes_nothing_until_it_is_loaded(
    core: Services, manager: StaffActor
) -> None:
    view = await read(core, manager, HEAD + "A1;4607001234567;Чай;Напитки;89,90;да\nA2;;Пирог;;;\n")
    assert (view.state, counts(view)) == ("ready", (2, 0, 0, 0))
    assert view.titles == ("Артикул", "Штрихкод", "Название", "Категория", "Цена", "Продаётся")
    assert await products() == {}
    assert await one("SELECT count(*) FROM product_category") == 0
    await core.imports.load(manager, view.id)
    await work_off(core)
    tea, pie = (await products())["A1"], (await products())["A2"]
    assert (tea.name, tea.barcode, tea.category, tea.price, tea.is_sold) == (
        "Чай",
        "4607001234567",
        "Напитки",
        89_90,
        True,
    )
    assert (pie.name, pie.barcode, pie.category, pie.price, pie.is_sold) == ("Пирог", None, None, None, True)
    assert await one("SELECT count(*) FROM import_row") == 0


async def test_new_changed_and_unchanged_rows_are_told_apart(core: Services, manager: StaffActor) -> None:
    first = await load(core, manager, HEAD + "A1;;Чай;Напитки;89,90;да\nA2;;Пирог;;50;нет\n")
    assert (first.state, counts(first)) == ("loaded", (2, 0, 0, 0))
    again = await read(core, manager, "sku,Name,Category\nA1,Чай,напитки\nA2,Пирог с вишней,\nA3,Торт,Выпечка\n")
    assert counts(again) == (1, 1, 1, 0)
    await core.imports.load(manager, again.id)
    await work_off(core)
    assert counts(await core.imports.look(manager, again.id)) == (1, 1, 1, 0)
    pie = (await products())["A2"]
    assert (pie.name, pie.price, pie.is_sold) == ("Пирог с вишней", 50_00, False)  # columns left out stay
    assert await one("SELECT count(*) FROM product_category") == 2


async def test_each_wrong_row_is_said_and_the_others_are_loaded(core: Services, manager: StaffActor) -> None:
    rows = [
        "A1;;Чай;;89,90;да",
        ";;Без артикула;;1;да",
        "A3;4,6E+12;Пирог;;дорого;может",
        "A1;;Дубль;;1;да",
        "A5;;;;;",
    ]
    view = await load(core, manager, HEAD + "\n".join(rows))
    assert counts(view) == (1, 0, 0, 4)
    assert list(await products()) == ["A1"]
    assert [(each.number, each.title, each.found) for each in view.problems] == [
        (3, "Артикул", ""),
        (4, "Штрихкод", "4,6E+12"),
        (4, "Цена", "дорого"),
        (4, "Продаётся", "может"),
        (5, "Артикул", "A1"),
        (6, "Название", ""),
    ]
    assert view.problems[4].expected == "не то же, что в строке 2"
    file = await core.imports.errors(manager, view.id, "errors", ("Строка", "Колонка", "Найдено", "Нужно"))
    lines = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig")), delimiter=";"))
    assert (file.name, len(lines)) == ("errors.csv", 7)
    assert lines[2] == ["4", "Штрихкод", "4,6E+12", "от 4 до 32 цифр и латинских букв"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Товарищ;Сколько\nЧай;1\n", "no_columns"),
        ("Артикул;Название;Артикул\nA1;Чай;A2\n", "repeated_column"),
        ("Артикул;Название\n", "empty"),
    ],
)
async def test_a_file_without_the_columns_is_refused(
    core: Services, manager: StaffActor, text: str, reason: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        await read(core, manager, text)
    assert refused.value.data["reason"] == reason
    assert await one("SELECT count(*) FROM import_file") == 0


async def test_a_headers_case_and_unknown_columns_do_not_matter(core: Services, manager: StaffActor) -> None:
    view = await read(core, manager, "АРТИКУЛ;Остаток;  название_товара \nA1;5;Чай\n")
    assert (counts(view), view.ignored) == ((1, 0, 0, 0), ("Остаток",))


async def test_ten_thousand_rows_and_a_kill_in_the_middle_load_each_row_once(
    core: Services, manager: StaffActor, clock: ManualClock
) -> None:
    lines = [f"A{number};{number:08};Товар {number};Группа {number % 7};{number},50;да" for number in range(9_990)]
    wrong = [f"B{number};;;;;да" for number in range(10)]
    view = await read(core, manager, HEAD + "\n".join(lines + wrong))
    assert counts(view) == (9_990, 0, 0, 10)
    await core.imports.load(manager, view.id)
    job = await core.jobs.claim("killed")
    for _ in range(7):
        assert job is not None
        job = await core.jobs.step(job, "killed")
    assert await one("SELECT count(*) FROM product") == 7 * BATCH
    # The worker is gone in the middle of a step: another one goes on after its lease.
    clock.forward(seconds=LEASE.total_seconds() + 1)
    await work_off(core)
    assert await one("SELECT count(*) FROM product") == 9_990
    assert await one("SELECT count(*) FROM audit_row WHERE action = 'import.begun'") == 1
    found = await core.imports.look(manager, view.id)
    assert (found.state, counts(found)) == ("loaded", (9_990, 0, 0, 10))
    assert await one("SELECT count(*) FROM product_category") == 7
    product = (await products())["A9989"]
    assert (product.barcode, product.price) == ("00009989", 9_989_50)


async def test_a_step_that_fails_half_way_loads_nothing_of_its_batch(
    core: Services, manager: StaffActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = await read(core, manager, HEAD + "".join(f"A{number};;Товар;;1;да\n" for number in range(BATCH + 5)))
    await core.imports.load(manager, view.id)
    job = await core.jobs.claim("worker")
    assert job is not None
    write = catalogue.put_many

    async def dies(*args: object) -> None:
        await write(*args)  # type: ignore[arg-type]
        raise RuntimeError("the machine is gone")

    with monkeypatch.context() as broken:
        broken.setattr(catalogue, "put_many", dies)
        with pytest.raises(RuntimeError, match="gone"):
            await core.jobs.step(job, "worker")
    assert await one("SELECT count(*) FROM product") == 0
    while job is not None:
        job = await core.jobs.step(job, "worker")
    assert await one("SELECT count(*) FROM product") == BATCH + 5
    assert counts(await core.imports.look(manager, view.id)) == (BATCH + 5, 0, 0, 0)


async def test_the_same_request_reads_once_and_two_presses_load_once(core: Services, manager: StaffActor) -> None:
    text = HEAD + "A1;;Чай;;1;да\n"
    first, second = await read(core, manager, text, "key"), await read(core, manager, text, "key")
    assert first == second
    for _ in range(2):
        assert (await core.imports.load(manager, first.id)).state == "loading"
    assert await one("SELECT count(*) FROM job") == 1
    await work_off(core)
    assert (await core.imports.load(manager, first.id)).state == "loaded"
    assert await one("SELECT count(*) FROM job") == 1


async def test_a_file_is_its_senders_own_and_a_managers(core: Services, manager: StaffActor) -> None:
    cashier, other = await hire(core, 9302, Role.CASHIER), await hire(core, 9303, Role.MANAGER)
    with pytest.raises(NotAllowed):
        await read(core, cashier, HEAD + "A1;;Чай;;1;да\n")
    view = await read(core, manager, HEAD + "A1;;Чай;;1;да\nA2;;;;1;да\n")
    for stranger in (cashier, other):
        for asked in (core.imports.look, core.imports.load):
            with pytest.raises(ImportGone):
                await asked(stranger, view.id)
        with pytest.raises(ImportGone):
            await core.imports.errors(stranger, view.id, "errors", ())
    with pytest.raises(ImportGone):
        await core.imports.look(manager, view.id + 1)


async def test_rows_of_old_files_are_forgotten(core: Services, manager: StaffActor, clock: ManualClock) -> None:
    view = await read(core, manager, HEAD + "A1;;Чай;;1;да\n")
    await core.imports.forget_old(clock.now())
    assert await one("SELECT count(*) FROM import_row") == 1
    clock.forward(seconds=KEPT.total_seconds() + 1)
    await core.imports.forget_old(clock.now())
    assert await one("SELECT count(*) FROM import_row") == 0
    with pytest.raises(ImportGone):
        await core.imports.load(manager, view.id)
