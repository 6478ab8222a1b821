"""Finding a customer: by phone, card, screen digits and QR; and cards changing hands."""

import asyncio
from datetime import UTC, date, datetime

import pytest

from core.actors import CustomerActor, StaffActor
from core.domain.errors import (
    CardBlocked,
    CardTaken,
    CardUnbound,
    CardUnknown,
    CustomerUnknown,
    InvalidCard,
    PhoneMistyped,
    ShownCodeStale,
)
from core.domain.people import Role
from core.keyring import Keyring
from core.services import Services
from core.store import branches
from core.store.sql import fetch
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import actor_of, buy, one


async def issue(core: Services, number: str) -> None:
    """A plastic card in no one's hands."""
    await fetch(
        "INSERT INTO card (number, status, created_at) VALUES ($1, 'issued', $2)", number, core.deps.clock.now()
    )


async def test_by_phone(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1, "79160000001")
    panel = await core.identification.by_phone(cashier, "79160000001")
    assert (panel.customer_id, panel.phone_verified, panel.has_chat, panel.points) == (customer, True, True, 0)
    with pytest.raises(CustomerUnknown) as refusal:
        await core.identification.by_phone(cashier, "79160000002")
    assert refusal.value.data == {"phone": "79160000002"}


async def test_by_card(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    await core.cards.bind(cashier, customer, "4600000000012")
    assert (await core.identification.by_card(cashier, "4600000000012")).customer_id == customer
    await issue(core, "55555")
    with pytest.raises(CardUnbound):
        await core.identification.by_card(cashier, "55555")
    with pytest.raises(CardUnknown):
        await core.identification.by_card(cashier, "66666")
    await core.cards.bind(cashier, customer, "55555")
    with pytest.raises(CardBlocked):
        await core.identification.by_card(cashier, "4600000000012")


async def test_the_digits_on_a_screen_die(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    customer = await enrol(core, 1)
    shown = await core.cards.show(actor_of(customer))
    assert (len(shown.code), shown.code.isdigit(), shown.code[0] != "0") == (6, True, True)
    assert (await core.identification.by_shown_code(cashier, shown.code)).customer_id == customer
    newer = await core.cards.show(actor_of(customer))
    if newer.code != shown.code:
        with pytest.raises(ShownCodeStale):
            await core.identification.by_shown_code(cashier, shown.code)
    clock.forward(seconds=119)
    assert (await core.identification.by_shown_code(cashier, newer.code)).customer_id == customer
    clock.forward(seconds=1)
    with pytest.raises(ShownCodeStale):
        await core.identification.by_shown_code(cashier, newer.code)
    with pytest.raises(ShownCodeStale):
        await core.identification.by_digits(cashier, newer.code)


async def test_screens_shown_at_once_have_digits_of_their_own(core: Services) -> None:
    people = [await enrol(core, 1 + n) for n in range(6)]
    shown = await asyncio.gather(*(core.cards.show(actor_of(person)) for person in people * 3))
    assert all(len(each.code) == 6 for each in shown)
    rows = await fetch("SELECT customer_id, code FROM shown_code")
    assert {row["customer_id"] for row in rows} == set(people)
    assert len({row["code"] for row in rows}) == len(people)


async def test_live_digits_are_nobody_elses_and_dead_ones_are_free(
    core: Services, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_, two = await enrol(core, 1), await enrol(core, 2)
    drawn = iter([23_456, 23_456, 77_777, 23_456])
    monkeypatch.setattr("core.cards.secrets.randbelow", lambda limit: next(drawn))
    assert (await core.cards.show(actor_of(one_))).code == "123456"
    assert (await core.cards.show(actor_of(two))).code == "177777"
    clock.forward(minutes=2)
    assert (await core.cards.show(actor_of(two))).code == "123456"
    assert await one("SELECT customer_id FROM shown_code") == two


async def test_six_digits_are_a_screen_before_they_are_a_card(core: Services, cashier: StaffActor) -> None:
    holder, other = await enrol(core, 1), await enrol(core, 2)
    shown = await core.cards.show(actor_of(holder))
    await core.cards.bind(cashier, other, shown.code)
    assert (await core.identification.by_digits(cashier, shown.code)).customer_id == holder
    await fetch("DELETE FROM shown_code")
    assert (await core.identification.by_digits(cashier, shown.code)).customer_id == other
    unknown = "999999" if shown.code != "999999" else "999998"
    with pytest.raises(ShownCodeStale):  # some screen may have shown it before it was refreshed
        await core.identification.by_digits(cashier, unknown)
    with pytest.raises(CardUnknown):  # no screen ever shows a leading zero
        await core.identification.by_digits(cashier, "099999")


async def test_a_phone_with_a_slip_is_no_new_card(core: Services, cashier: StaffActor) -> None:
    for slip in ("916123456", "91612345671500", "89161234567500", "8916123456"):
        with pytest.raises(PhoneMistyped) as refusal:
            await core.identification.by_digits(cashier, slip)
        assert refusal.value.data == {"digits": slip}
    for card in ("77777", "12345678", "4006381333931", "9780306406157", "9161234567150000000"):
        with pytest.raises(CardUnknown):
            await core.identification.by_digits(cashier, card)
    await core.cards.bind(cashier, customer := await enrol(core, 1), "916123456")
    assert (await core.identification.by_digits(cashier, "916123456")).customer_id == customer


async def test_a_dead_screen_gives_way_to_a_card(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    holder, other = await enrol(core, 1), await enrol(core, 2)
    shown = await core.cards.show(actor_of(holder))
    await core.cards.bind(cashier, other, shown.code)
    clock.forward(minutes=2)
    assert (await core.identification.by_digits(cashier, shown.code)).customer_id == other


async def test_a_qr_dies_like_its_screen_and_is_not_forged(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    customer = await enrol(core, 1)
    shown = await core.cards.show(actor_of(customer))
    assert (await core.identification.by_scan(cashier, shown.qr_text)).customer_id == customer
    body = shown.qr_text.rpartition(".")[0]
    forged = [
        f"{body}.AAAA",
        shown.qr_text[:-1],
        "KPL1.",
        Keyring("another-secret-key-of-some").sign_card(customer, 2**40),
    ]
    for text in forged:
        with pytest.raises(ShownCodeStale):
            await core.identification.by_scan(cashier, text)
    clock.forward(seconds=120)
    with pytest.raises(ShownCodeStale):
        await core.identification.by_scan(cashier, shown.qr_text)
    for text in ("", "https://example.com", "Привет", "\ud800", "9" * 10_000):
        with pytest.raises(InvalidCard):
            await core.identification.by_scan(cashier, text)


async def test_a_lost_card_is_replaced_and_the_balance_stays(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 1_000_00)
    await core.cards.bind(cashier, customer, "1111")
    await core.cards.bind(cashier, customer, "2222")
    await core.cards.bind(cashier, customer, "2222")
    panel = await core.identification.by_card(cashier, "2222")
    assert (panel.points, panel.card_number) == (50_00, "2222")
    with pytest.raises(CardBlocked):
        await core.identification.by_card(cashier, "1111")
    with pytest.raises(CardBlocked):
        await core.cards.bind(cashier, customer, "1111")
    with pytest.raises(CardTaken):
        await core.cards.bind(cashier, await enrol(core, 2), "2222")
    with pytest.raises(CustomerUnknown):
        await core.cards.bind(cashier, 10**6, "3333")


async def test_a_second_card_beside_the_first(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    await core.cards.bind(cashier, customer, "9999")
    await core.cards.bind(cashier, customer, "1111", replace=False)
    for number in ("9999", "1111"):
        panel = await core.identification.by_card(cashier, number)
        assert (panel.customer_id, panel.card_number) == (customer, "1111")
    assert (await core.cards.show(actor_of(customer))).card_number == "1111"


async def test_one_card_bound_at_once_to_several_goes_to_one(core: Services, cashier: StaffActor) -> None:
    people = [await enrol(core, 1 + n) for n in range(6)]
    for number in ("70001", "70002", "70003"):
        binds = [core.cards.bind(cashier, person, number) for person in people]
        outcomes = await asyncio.gather(*binds, return_exceptions=True)
        assert sum(isinstance(each, list) for each in outcomes) == 1, outcomes
        assert sum(isinstance(outcome, CardTaken) for outcome in outcomes) == len(people) - 1
    without = await fetch(
        "SELECT id FROM customer c WHERE NOT EXISTS "
        "(SELECT 1 FROM card k WHERE k.customer_id = c.id AND k.status = 'bound')"
    )
    assert not without


@pytest.mark.parametrize(
    ("born", "now", "zone", "days"),
    [
        (date(1990, 3, 9), datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "Europe/Moscow", 7),
        (date(1990, 3, 10), datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "Europe/Moscow", None),
        (date(1990, 3, 2), datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "Europe/Moscow", 0),
        (date(1990, 3, 1), datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "Europe/Moscow", None),
        (date(1990, 1, 1), datetime(2026, 12, 28, 9, 0, tzinfo=UTC), "Europe/Moscow", 4),
        (date(2000, 2, 29), datetime(2026, 2, 27, 9, 0, tzinfo=UTC), "Europe/Moscow", 2),
        (date(2000, 2, 29), datetime(2028, 2, 27, 9, 0, tzinfo=UTC), "Europe/Moscow", 2),
        # In Vladivostok it is already tomorrow, in New York still yesterday.
        (date(1990, 3, 3), datetime(2026, 3, 2, 15, 0, tzinfo=UTC), "Asia/Vladivostok", 0),
        (date(1990, 3, 1), datetime(2026, 3, 2, 3, 0, tzinfo=UTC), "America/New_York", 0),
    ],
)
async def test_a_birthday_is_near_by_the_branchs_calendar(
    core: Services, clock: ManualClock, born: date, now: datetime, zone: str, days: int | None
) -> None:
    clock.at = now
    there = await hire(core, 9001, Role.CASHIER, await branches.add("Там", zone, now))
    customer = await enrol(core, 1)
    await core.preferences.set_birthday(actor_of(customer), born)
    panel = await core.identification.panel(there, customer)
    assert (panel.birthday_in, panel.birthday) == (days, born)


async def test_points_on_hold_are_not_shown_as_free(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 10_000_00)
    sale = await core.till.open_sale(cashier, customer, 600_00, key="s")
    await core.redemption.spend(cashier, sale.purchase_id, 120_00, key="h")
    assert (await core.identification.panel(cashier, customer)).points == 380_00
    clock.forward(minutes=10)
    assert (await core.identification.panel(cashier, customer)).points == 500_00


async def test_behind_an_account_is_its_customer(core: Services) -> None:
    customer = await enrol(core, 77)
    found = await core.identification.customer(77, "en")
    assert isinstance(found, CustomerActor)
    assert (found.id, found.language) == (customer, "ru")
    await fetch("UPDATE customer SET status = 'erased' WHERE id = $1", customer)
    assert not isinstance(await core.identification.customer(77, "en"), CustomerActor)
