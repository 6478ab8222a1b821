"""Lists of customers in every order, a page at a time in both directions; search; blocking."""

from datetime import date

import pytest

from core.actors import StaffActor
from core.directory import PAGE, SORTS
from core.domain.errors import CustomerBlocked, InvalidSetting, NameTooShort, NotAllowed
from core.domain.people import Role
from core.services import Services
from core.store.sql import fetch
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import buy, one, points_of

NAMES = (
    "Анна Петрова",
    "ёлкин",
    "Борис",
    "Вера Белова",
    "Анна-Мария",
    "Zoe",
    "Глеб",
    "Дина",
    "Егор",
    "Яна Серова",
)


@pytest.fixture
async def manager(core: Services) -> StaffActor:
    return await hire(core, 9002, Role.MANAGER)


@pytest.fixture
async def people(core: Services, cashier: StaffActor, manager: StaffActor, clock: ManualClock) -> list[int]:
    """Ten named customers; the n-th has bought n times, some of them at once."""
    ids = []
    for number, name in enumerate(NAMES):
        customer = await enrol(core, 100 + number, f"7900000{1000 + 37 * number % 300:04d}")
        await core.directory.edit(manager, customer, name=name)
        ids.append(customer)
    for number in (1, 4, 7):
        for _ in range(number):
            await buy(core, cashier, ids[number], 100_00 * (number % 4 + 1))
        clock.forward(minutes=1)
    return ids


async def walked(core: Services, manager: StaffActor, sort: str) -> list[int]:
    """Everybody, page by page, and then back to the first page."""
    found, after, pages = [], None, []
    while True:
        page = await core.directory.page(manager, sort, after)
        assert page.newer == (after is not None)
        pages.append([each.id for each in page.customers])
        found += pages[-1]
        if not page.older:
            break
        after = page.customers[-1].cursor
    for wanted in reversed(pages[:-1]):
        page = await core.directory.page(manager, sort, page.customers[0].cursor, backwards=True)
        assert [each.id for each in page.customers] == wanted
    assert not page.newer or len(pages) == 1
    return found


async def test_every_order_shows_everybody_once_in_both_directions(
    core: Services, manager: StaffActor, people: list[int]
) -> None:
    orders = {sort: await walked(core, manager, sort) for sort in SORTS}
    bought = [people[number] for number in (7, 4, 1)]
    for sort in ("new", "name", "phone", "card", "purchases", "sold"):
        assert sorted(orders[sort]) == sorted(people), sort
    assert orders["new"] == people[::-1]
    keys = sorted((name.casefold().replace("ё", "е"), people[at]) for at, name in enumerate(NAMES))
    assert orders["name"] == [each for _, each in keys]
    assert orders["purchases"][:3] == orders["sold"][:3] == bought
    assert sorted(orders["points"]) == sorted(orders["last"]) == sorted(bought)
    assert orders["last"] == bought
    points = [await points_of(core, each) for each in orders["points"]]
    assert points == sorted(points, reverse=True)
    rows = await fetch("SELECT id, phone FROM customer ORDER BY phone")
    assert orders["phone"] == [row["id"] for row in rows]
    assert len(people) > PAGE


async def test_equal_customers_are_neither_lost_nor_repeated(core: Services, manager: StaffActor) -> None:
    ids = [await enrol(core, 200 + number) for number in range(2 * PAGE + 1)]
    for sort in ("purchases", "sold"):
        assert await walked(core, manager, sort) == ids[::-1]


async def test_people_are_found_by_either_word_of_the_name_whatever_its_letters(
    core: Services, manager: StaffActor, cashier: StaffActor, people: list[int]
) -> None:
    async def found(text: str) -> list[int]:
        return [each.id for each in await core.directory.search(cashier, text)]

    assert await found("анна") == [people[0], people[4]]
    assert await found("ПЕТР") == [people[0]]
    assert await found("Елкин") == await found("ёлк") == [people[1]]
    assert await found("Вера  бел") == [people[3]]
    assert await found("Никита") == []
    with pytest.raises(NameTooShort):
        await found("Ан")
    await core.directory.edit(manager, people[0], name="Иван")
    assert await found("петрова") == []
    assert await found("иван") == [people[0]]


async def test_people_are_found_by_a_phones_or_a_cards_beginning(
    core: Services, manager: StaffActor, cashier: StaffActor, people: list[int]
) -> None:
    await core.cards.bind(cashier, people[5], "4455667788")
    phone = await one("SELECT phone FROM customer WHERE id = $1", people[5])
    for typed in (phone, f"8{phone[1:]}", phone[1:], f"+7 ({phone[1:4]}) {phone[4:7]}-{phone[7:9]}-{phone[9:]}"):
        assert [each.id for each in await core.directory.search(manager, typed)] == [people[5]], typed
    assert [each.id for each in await core.directory.search(manager, "445566")] == [people[5]]
    assert len(await core.directory.search(manager, "7900")) == 10


async def test_lists_are_the_managers_and_search_is_everybodys_who_serves(
    core: Services, cashier: StaffActor, manager: StaffActor
) -> None:
    with pytest.raises(NotAllowed):
        await core.directory.page(cashier, "new")
    with pytest.raises(InvalidSetting):
        await core.directory.page(manager, "secret")


async def test_a_blocked_customer_neither_earns_nor_spends_until_unblocked(
    core: Services, cashier: StaffActor, manager: StaffActor
) -> None:
    customer = await enrol(core, 1)
    open_before = await core.till.open_sale(cashier, customer, 100_00, key="before")
    await core.directory.block(manager, customer)
    await core.directory.block(manager, customer)
    with pytest.raises(CustomerBlocked):
        await core.till.open_sale(cashier, customer, 100_00, key="after")
    with pytest.raises(CustomerBlocked):
        await core.till.accrue(cashier, open_before.purchase_id)
    await core.directory.unblock(manager, customer)
    await core.till.accrue(cashier, open_before.purchase_id)
    assert await points_of(core, customer) == 5_00
    rows = await fetch("SELECT action FROM audit_row WHERE action LIKE 'customer.%blocked' ORDER BY id")
    assert [row["action"] for row in rows] == ["customer.blocked", "customer.unblocked"]


async def test_a_profile_is_edited_and_noted(core: Services, manager: StaffActor) -> None:
    customer = await enrol(core, 1)
    await core.directory.edit(manager, customer, birthday=date(1990, 3, 5), language="en")
    it = await core.directory.profile(manager, customer)
    assert (it.panel.birthday, it.language, len(it.cards)) == (date(1990, 3, 5), "en", 1)
    assert await one("SELECT count(*) AS n FROM audit_row WHERE action = 'customer.edited'") == 1
