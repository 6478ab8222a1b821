"""Reviews: asked once, told to managers where stars are few, answered once; and what is asked of nobody."""

import asyncio
from datetime import timedelta

import pytest

from core.actors import CustomerActor, StaffActor
from core.check import check_ledger
from core.domain.errors import (
    CustomerUnreachable,
    NotAllowed,
    ReviewAnswered,
    ReviewClosed,
    ReviewUnknown,
    TextTooLong,
)
from core.domain.people import Role
from core.services import Services
from core.store import branches, consents, customers, identities
from core.store.sql import decoded, fetch
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import actor_of, buy


async def told(template: str) -> list[dict]:
    """What the outbox tells by this template: the data, and to whom."""
    rows = await fetch(
        "SELECT data, customer_id, staff_member_id, priority FROM message WHERE template = $1 ORDER BY id",
        f"notice/{template}",
    )
    return [decoded(row["data"]) | {"to": row["customer_id"] or row["staff_member_id"]} for row in rows]


async def asked_of(core: Services, cashier: StaffActor, clock: ManualClock, number: int = 1) -> tuple[int, int]:
    """A customer who was asked about a purchase: customer and purchase."""
    await core.programmes.change({"review_hours": 3})
    customer = await enrol(core, number)
    purchase = await buy(core, cashier, customer, 1_500_00)
    clock.forward(hours=3)
    await core.reviews.sweep(clock.now())
    assert [each["purchase_id"] for each in await told("review") if each["to"] == customer] == [purchase]
    return customer, purchase


async def test_a_purchase_is_asked_about_once_and_a_customer_once_in_a_fortnight(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    customer = await enrol(core, 1)
    await buy(core, cashier, customer, 100_00)
    clock.forward(hours=3)
    await core.reviews.sweep(clock.now())
    assert await told("review") == [], "off until the merchant switches it on"
    await core.programmes.change({"review_hours": 3})
    purchases = [await buy(core, cashier, customer, total) for total in (200_00, 300_00)]
    clock.forward(hours=2, minutes=59)
    await core.reviews.sweep(clock.now())
    assert [each["subtotal"] for each in await told("review")] == [100_00], "its hours are over"
    for _ in range(14):
        clock.forward(days=1)
        await core.reviews.sweep(clock.now())
    assert len(await told("review")) == 1, "the others were within the fortnight, and are too old after it"
    newest = await buy(core, cashier, customer, 400_00)
    clock.forward(hours=3)
    await asyncio.gather(*(core.reviews.sweep(clock.now()) for _ in range(3)))
    assert [each["purchase_id"] for each in await told("review")][1:] == [newest]
    assert newest not in purchases


async def test_what_is_not_asked_about(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    await core.programmes.change({"review_hours": 1})
    undone, partly, quiet, blocked, gone = [await enrol(core, number) for number in range(1, 6)]
    bought = {each: await buy(core, cashier, each, 100_00) for each in (undone, partly, quiet, blocked, gone)}
    await core.refunds.undo(cashier, bought[undone])
    await core.refunds.refund(cashier, bought[partly], key="refund")
    refused = [("reminders", channel, False) for channel in ("telegram", "sms")]
    await consents.add(quiet, refused, version="1", source="bot", now=clock.now())
    await customers.update(blocked, blocked_at=clock.now())
    await identities.mark_blocked("customer", 5, clock.now())
    clock.forward(hours=2)
    await core.reviews.sweep(clock.now())
    assert await told("review") == []
    assert await fetch("SELECT id FROM review") == []


async def test_the_night_is_waited_out(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    await core.programmes.change({"review_hours": 3})
    clock.forward(hours=8)  # 20:00 in Moscow
    await buy(core, cashier, await enrol(core, 1), 100_00)
    for hours, count in ((3, 0), (9.9, 0), (1.2, 1)):  # 23:00, 08:54, 10:06
        clock.forward(hours=hours)
        await core.reviews.sweep(clock.now())
        assert len(await told("review")) == count


async def test_stars_may_be_changed_until_words_are_sent(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    customer, purchase = await asked_of(core, cashier, clock)
    me, other = actor_of(customer), actor_of(await enrol(core, 2))
    for stars in (0, 6):
        with pytest.raises(ReviewUnknown):
            await core.reviews.rate(me, purchase, stars)
    with pytest.raises(ReviewUnknown):
        await core.reviews.say(me, purchase, "Words before stars")
    with pytest.raises(ReviewUnknown):
        await core.reviews.rate(other, purchase, 1)
    for stars in (5, 4, 5):
        assert (await core.reviews.rate(me, purchase, stars)).stars == stars
    with pytest.raises(TextTooLong):
        await core.reviews.say(me, purchase, "x" * 1001)
    assert (await core.reviews.say(me, purchase, "x" * 1000)).words == "x" * 1000
    assert (await core.reviews.say(me, purchase, "x" * 1000)).stars == 5
    with pytest.raises(ReviewClosed):
        await core.reviews.say(me, purchase, "Other words")
    with pytest.raises(ReviewClosed):
        await core.reviews.rate(me, purchase, 1)
    assert await told("review_low") == []


async def test_few_stars_are_told_once_to_those_of_the_branch_and_the_owner(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    manager, owner = await hire(core, 9101, Role.MANAGER), await hire(core, 9102, Role.OWNER)
    away = await branches.add("Дальняя", "Europe/Moscow", clock.now())
    await hire(core, 9103, Role.MANAGER, away)
    customer, purchase = await asked_of(core, cashier, clock)
    me = actor_of(customer)
    await asyncio.gather(*(core.reviews.rate(me, purchase, stars) for stars in (3, 2, 1)))
    await core.reviews.rate(me, purchase, 4)
    await core.reviews.rate(me, purchase, 2)
    low = await told("review_low")
    assert sorted(each["to"] for each in low) == sorted([manager.id, owner.id])
    await core.reviews.say(me, purchase, "<b>Холодный кофе</b>")
    low = await told("review_low")
    assert len(low) == 4
    assert low[-1]["words"] == "<b>Холодный кофе</b>"
    rows = await fetch("SELECT DISTINCT priority FROM message WHERE template = 'notice/review_low'")
    assert [row["priority"] for row in rows] == [10]


async def test_one_answer_reaches_the_customer(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    manager = await hire(core, 9101, Role.MANAGER)
    away = await branches.add("Дальняя", "Europe/Moscow", clock.now())
    elsewhere = await hire(core, 9103, Role.MANAGER, away)
    customer, purchase = await asked_of(core, cashier, clock)
    with pytest.raises(ReviewUnknown):  # nothing to answer yet
        await core.reviews.answer(manager, purchase, "Sample")
    await core.reviews.rate(actor_of(customer), purchase, 2)
    with pytest.raises(ReviewUnknown):
        await core.reviews.answer(elsewhere, purchase, "Sample")
    with pytest.raises(NotAllowed):
        await core.reviews.answer(cashier, purchase, "Sample")
    with pytest.raises(TextTooLong):
        await core.reviews.answer(manager, purchase, "x" * 1001)
    outcomes = await asyncio.gather(
        *(core.reviews.answer(manager, purchase, text) for text in ("One", "Two")), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["ReviewAnswered", "ReviewRow"]
    (said,) = await told("review_answer")
    assert (await core.reviews.answer(manager, purchase, said["text"])).answered_by == manager.name
    with pytest.raises(ReviewAnswered):
        await core.reviews.answer(manager, purchase, "Three")
    assert len(await told("review_answer")) == 1

    gone, second = await asked_of(core, cashier, clock, 2)
    await core.reviews.rate(actor_of(gone), second, 1)
    await identities.mark_blocked("customer", 2, clock.now())
    with pytest.raises(CustomerUnreachable):
        await core.reviews.answer(manager, second, "Sample")
    assert (await core.reviews.look(manager, second)).answer is None


async def test_averages_are_of_branch_and_period(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    owner, manager = await hire(core, 9102, Role.OWNER), await hire(core, 9101, Role.MANAGER)
    away = await branches.add("Дальняя", "Europe/Moscow", clock.now())
    seller = await hire(core, 9104, Role.CASHIER, away)
    given = ((cashier, 5), (cashier, 4), (cashier, 2), (seller, 1))
    for number, (who, stars) in enumerate(given, start=1):
        customer, purchase = await asked_of(core, who, clock, number)
        await core.reviews.rate(actor_of(customer), purchase, stars)
        clock.forward(hours=21)
    seen = await core.reviews.board(owner, 30)
    assert [(each.branch_name, each.count, each.average, each.low) for each in seen.branches] == [
        ("Дальняя", 1, 100, 1),
        ("Основная точка", 3, 367, 1),
    ]
    assert (seen.total.count, seen.total.average) == (4, 300)
    mine = await core.reviews.board(manager, 30)
    assert [each.count for each in mine.branches] == [3]
    assert [each.stars for each in (await core.reviews.listed(owner, low=True)).rows] == [1, 2]
    assert [each.stars for each in (await core.reviews.listed(manager, low=False)).rows] == [2, 4, 5]
    clock.forward(days=31)
    assert (await core.reviews.board(owner, 30)).total.average == 0


async def test_words_go_with_the_customers_data(core: Services, cashier: StaffActor, clock: ManualClock) -> None:
    customer, purchase = await asked_of(core, cashier, clock)
    me = CustomerActor(customer, 1, "ru", None)
    await core.reviews.rate(me, purchase, 5)
    await core.reviews.say(me, purchase, "Sample words")
    (review,) = (await core.privacy.export(me))["reviews"]
    assert (review["stars"], review["words"]) == (5, "Sample words")
    await core.privacy.erase(me)
    (row,) = await fetch("SELECT stars, words FROM review")
    assert (row["stars"], row["words"]) == (5, None)
    assert not (await check_ledger()).findings


async def test_the_table_refuses_what_no_verb_writes(
    core: Services, cashier: StaffActor, clock: ManualClock
) -> None:
    await asked_of(core, cashier, clock)
    for change in ("stars = 6, rated_at = asked_at", "stars = 3", "words = 'x'", "answer = 'x'"):
        with pytest.raises(Exception, match="review_"):
            await fetch(f"UPDATE review SET {change}")
    with pytest.raises(Exception, match=r"(?i)unique"):
        await fetch(
            "INSERT INTO review (purchase_id, customer_id, branch_id, asked_at) "
            "SELECT purchase_id, customer_id, branch_id, $1 FROM review",
            clock.now() + timedelta(days=1),
        )
