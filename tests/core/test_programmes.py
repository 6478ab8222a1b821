"""Settings are versions; a branch has its own few; a purchase keeps what priced it. Preferences, the shift."""

import asyncio
from datetime import UTC, datetime

import pytest

from core.actors import StaffActor
from core.domain.errors import CustomerUnknown, InvalidSetting, QuoteStale
from core.domain.people import Role
from core.services import Services
from core.store import branches
from core.store.sql import fetch
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import actor_of, buy, fresh_key, one


async def test_every_change_is_a_version_with_its_trace(core: Services) -> None:
    await core.programmes.change({"accrual_percent": 700})
    await core.programmes.change({"accrual_percent": 800, "welcome_points": 1_00})
    assert (await core.programmes.current()).accrual_percent == 800
    assert await one("SELECT count(*) FROM programme_version") == 3
    rows = await fetch("SELECT before, after FROM audit_row WHERE action = 'programme.changed' ORDER BY id")
    assert [str(row["before"]).count("500") for row in rows] == [1, 0]
    with pytest.raises(InvalidSetting):
        await core.programmes.change({"accrual_percent": 0})
    assert await one("SELECT count(*) FROM programme_version") == 3


async def test_changes_made_at_once_are_all_kept(core: Services) -> None:
    changes = [{"welcome_points": 1_00}, {"accrual_percent": 900}, {"undo_minutes": 3}, {"min_purchase": 5_00}]
    await asyncio.gather(*(core.programmes.change(change) for change in changes))
    now = await core.programmes.current()
    assert (now.welcome_points, now.accrual_percent, now.undo_minutes, now.min_purchase) == (1_00, 900, 3, 5_00)


async def test_a_new_database_starts_once(store: str, deps) -> None:
    services = Services.of(deps)
    await asyncio.gather(*(services.programmes.start("Основная точка") for _ in range(6)))
    assert await one("SELECT count(*) FROM programme_version") == 1
    assert await one("SELECT count(*) FROM branch") == 1


async def test_a_branch_overrides_its_own_and_follows_the_rest(core: Services, cashier: StaffActor) -> None:
    second = await branches.add("Вторая", "Europe/Moscow", core.deps.clock.now())
    there = await hire(core, 9100, Role.CASHIER, second)
    await core.programmes.change({"accrual_percent": 1000}, branch_id=second)
    await core.programmes.change({"points_payment_on": False}, branch_id=second)
    await core.programmes.change({"min_purchase": 50_00})
    customer = await enrol(core, 1)
    here = await core.till.open_sale(cashier, customer, 100_00, key="here")
    away = await core.till.open_sale(there, customer, 100_00, key="there")
    assert (here.accrual, away.accrual) == (5_00, 10_00)
    small = await core.till.open_sale(there, customer, 49_99, key="small")
    assert small.no_accrual == "below_minimum"
    await core.programmes.change({"accrual_percent": 600})
    assert (await core.programmes.current(second)).accrual_percent == 1000
    assert not (await core.programmes.current(second)).points_payment_on
    assert (await core.programmes.current()).points_payment_on


async def test_a_branch_may_not_change_what_is_the_merchants(core: Services, cashier: StaffActor) -> None:
    with pytest.raises(InvalidSetting):
        await core.programmes.change({"welcome_points": 1}, branch_id=cashier.branch_id)
    assert await one("SELECT count(*) FROM programme_version") == 1


async def test_a_purchase_keeps_the_version_that_priced_it(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    customer = await enrol(core, 1)
    sale = await core.till.open_sale(cashier, customer, 100_00, key="a")
    await core.programmes.change({"accrual_percent": 1000})
    clock.forward(minutes=29, seconds=59)
    assert (await core.till.accrue(cashier, sale.purchase_id)).accrual == 5_00
    assert await one("SELECT programme_version_id FROM purchase") == 1


async def test_an_old_quote_is_refused_with_the_new_one(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    customer = await enrol(core, 1)
    sale = await core.till.open_sale(cashier, customer, 100_00, key="a")
    await core.programmes.change({"accrual_percent": 1000})
    clock.forward(minutes=30)
    with pytest.raises(QuoteStale) as stale:
        await core.till.accrue(cashier, sale.purchase_id)
    assert stale.value.data["sale"].accrual == 10_00
    assert (await core.till.accrue(cashier, sale.purchase_id)).accrual == 10_00
    assert await one("SELECT programme_version_id FROM purchase") == 2


async def test_an_old_quote_that_still_holds_is_not_refused(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    customer = await enrol(core, 1)
    sale = await core.till.open_sale(cashier, customer, 100_00, key="a")
    clock.forward(days=2)
    assert (await core.till.accrue(cashier, sale.purchase_id)).accrual == 5_00


async def test_topics_are_said_anew_and_never_overwritten(core: Services) -> None:
    customer = actor_of(await enrol(core, 1))
    said = await one("SELECT count(*) FROM consent")
    for wanted in (False, True, False):
        await core.preferences.set_topic(customer, "offers", "sms", wanted)
        assert (await core.preferences.topics(customer))["offers", "sms"] is wanted
    assert await one("SELECT count(*) FROM consent") == said + 3
    for topic, channel in (("codes", "sms"), ("offers", "pigeon"), ("", "")):
        with pytest.raises(InvalidSetting):
            await core.preferences.set_topic(customer, topic, channel, True)


async def test_a_customers_own_words(core: Services, cashier: StaffActor) -> None:
    customer = await enrol(core, 1)
    await core.preferences.set_language(actor_of(customer), "en")
    with pytest.raises(InvalidSetting):
        await core.preferences.set_language(actor_of(customer), "xx")
    await core.preferences.set_name(actor_of(customer), "Ёлка")
    row = (await fetch("SELECT name, name_key, language FROM customer"))[0]
    assert row == {"name": "Ёлка", "name_key": "елка", "language": "en"}
    await core.preferences.edit_at_till(cashier, customer, name="Пётр")
    assert (await core.identification.panel(cashier, customer)).name == "Пётр"
    with pytest.raises(CustomerUnknown):
        await core.preferences.edit_at_till(cashier, 10**6, name="Никто")


async def test_a_shift_is_counted_by_the_branchs_midnight(core: Services, clock: ManualClock) -> None:
    clock.at = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    branch = await branches.add("Восток", "Asia/Vladivostok", clock.now())
    far, manager = await hire(core, 9100, Role.CASHIER, branch), await hire(core, 9101, Role.MANAGER, branch)
    home = await hire(core, 9102, Role.CASHIER)
    customer = await enrol(core, 1)
    clock.at = datetime(2026, 3, 1, 13, 59, 59, tzinfo=UTC)  # 23:59:59 in Vladivostok
    await buy(core, far, customer, 100_00)
    assert (await core.reports.shift(far)).total.purchases == 1
    clock.forward(seconds=1)
    empty = await core.reports.shift(far)
    assert (empty.total.purchases, empty.day.isoformat()) == (0, "2026-03-02")
    await buy(core, manager, customer, 200_00)
    await buy(core, home, customer, 900_00)
    undone = await buy(core, far, customer, 300_00)
    await core.refunds.undo(far, undone)
    await core.till.open_sale(far, customer, 400_00, key=fresh_key())
    shift = await core.reports.shift(manager)
    total = shift.total
    assert (total.purchases, total.sold, total.paid, total.earned, total.spent) == (1, 200_00, 200_00, 10_00, 0)
    assert [(line.staff_member_id, line.purchases) for line in shift.members] == [(manager.id, 1)]
    assert (await core.reports.shift(far)).members == ()
    clock.at = datetime(2026, 3, 2, 13, 59, 59, tzinfo=UTC)
    assert (await core.reports.shift(far)).total.purchases == 1
    clock.forward(seconds=1)
    assert (await core.reports.shift(far)).total.purchases == 0


async def test_a_shift_on_the_day_of_the_shorter_night(core: Services, clock: ManualClock) -> None:
    """In Berlin 29 March 2026 has 23 hours: from 23:00 UTC to 22:00 UTC."""
    clock.at = datetime(2026, 3, 28, 22, 59, 59, tzinfo=UTC)
    branch = await branches.add("Берлин", "Europe/Berlin", clock.now())
    cashier = await hire(core, 9100, Role.CASHIER, branch)
    customer = await enrol(core, 1)
    for moment, purchases in ((0, 1), (1, 1), (23 * 3600 - 1, 2), (1, 1)):
        clock.forward(seconds=moment)
        await buy(core, cashier, customer, 100_00)
        assert (await core.reports.shift(cashier)).total.purchases == purchases
    registered = await core.reports.shift(cashier)
    assert registered.new_customers == 0
