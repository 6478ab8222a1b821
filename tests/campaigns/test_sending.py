"""Choosing recipients and feeding the outbox on both databases: nobody twice, nobody forgotten."""

from datetime import timedelta

import pytest

from core.actors import StaffActor
from core.domain.campaigns import (
    CampaignBegun,
    CampaignIncomplete,
    CampaignTime,
    CampaignUnknown,
    State,
)
from core.domain.errors import NotAllowed
from core.domain.people import Role
from core.domain.segments import Span
from core.domain.topics import TopicChoice
from core.services import Services
from core.store import recipients as store
from core.store.segments import PRIME, STEP
from core.store.sql import decoded, fetch
from tests.campaigns.kit import TEXT, chosen, drafted, recipients, settle, work_on_jobs, written
from tests.conftest import ManualClock, enrol, hire
from tests.core.kit import buy, one


def is_control(customer_id: int, salt: int, share: int) -> bool:
    """The hash in plain Python."""
    first = (customer_id % PRIME * STEP + salt) % PRIME
    second = (first * first + salt) % PRIME
    return second * STEP % PRIME % 10_000 < share


@pytest.fixture
async def owner(core: Services) -> StaffActor:
    return await hire(core, 7001, Role.OWNER)


async def test_the_control_group_follows_from_the_salt(
    core: Services, owner: StaffActor, clock: ManualClock
) -> None:
    await settle(1, 2000, clock.now())
    campaign = await drafted(core, owner, control_share=1000)
    view = await chosen(core, owner, campaign)
    found = await recipients(campaign)
    assert found == {each: is_control(each, view.row.salt, 1000) for each in range(1, 2001)}
    assert view.row.state == State.SENDING
    assert (view.row.chosen, view.row.controls) == (2000 - view.row.controls, sum(found.values()))
    assert 130 <= view.row.controls <= 270
    await fetch("DELETE FROM campaign_recipient WHERE campaign_id = $1", campaign)
    await fetch("UPDATE job SET state = 'queued', finished_at = NULL, cursor = NULL")
    await fetch("UPDATE campaign SET state = 'choosing' WHERE id = $1", campaign)
    await work_on_jobs(core)
    assert await recipients(campaign) == found


async def test_who_can_not_be_told_is_not_chosen(core: Services, owner: StaffActor, clock: ManualClock) -> None:
    await settle(1, 6, clock.now())
    await fetch("UPDATE telegram_identity SET blocked_at = $1 WHERE telegram_id = 1", clock.now())
    await fetch("UPDATE customer SET status = 'erased' WHERE id = 2")
    for customer, channel, granted in ((3, "telegram", False), (1, "sms", True), (4, "telegram", False)):
        await fetch(
            "INSERT INTO consent (customer_id, topic, channel, granted, text_version, source, created_at) "
            "VALUES ($1, 'offers', $2, $3, '1', 'bot', $4)",
            *(customer, channel, granted, clock.now()),
        )
    await fetch(
        "INSERT INTO consent (customer_id, topic, channel, granted, text_version, source, created_at) "
        "VALUES (4, 'offers', 'telegram', true, '1', 'bot', $1)",
        clock.now(),
    )
    campaign = await drafted(core, owner)
    await chosen(core, owner, campaign)
    assert set(await recipients(campaign)) == {4, 5, 6}
    by_sms = await drafted(core, owner, body="И по SMS")
    view = await core.campaigns.edit(owner, by_sms, by_sms=True)
    assert (view.reach.people, view.reach.telegram, view.reach.sms, view.reach.nobody) == (5, 3, 1, 1)
    await chosen(core, owner, by_sms)
    await core.sendings.drive()
    rows = await fetch("SELECT customer_id, channel, phone FROM message WHERE campaign_id = $1", by_sms)
    assert {row["customer_id"]: row["channel"] for row in rows} == dict.fromkeys((4, 5, 6), "telegram") | {
        1: "sms"
    }
    assert next(row["phone"] for row in rows if row["customer_id"] == 1) == "79000000001"


@pytest.mark.parametrize(("telegram", "sms", "told"), [(True, False, "telegram"), (False, True, "sms")])
async def test_a_channel_that_the_merchant_switched_off_is_not_taken(
    core: Services, owner: StaffActor, clock: ManualClock, telegram: bool, sms: bool, told: str
) -> None:
    await settle(1, 3, clock.now())
    await fetch(
        "INSERT INTO consent (customer_id, topic, channel, granted, text_version, source, created_at) "
        "SELECT id, 'offers', 'sms', true, '1', 'bot', created_at FROM customer WHERE id <= 2"
    )
    await fetch("UPDATE telegram_identity SET blocked_at = $1 WHERE telegram_id = 1", clock.now())
    campaign = await drafted(core, owner)
    await core.campaigns.edit(owner, campaign, by_sms=True)
    await core.programmes.change({"topics": (TopicChoice("campaign", on=True, telegram=telegram, sms=sms),)})
    meant = {2: told, 3: told} if telegram else {1: told, 2: told}
    assert (await core.campaigns.look(owner, campaign)).to_tell == len(meant)
    await chosen(core, owner, campaign)
    await core.sendings.drive()
    rows = await fetch("SELECT customer_id, channel FROM message WHERE campaign_id = $1", campaign)
    assert {row["customer_id"]: row["channel"] for row in rows} == meant


async def test_the_outbox_is_fed_in_portions_and_each_gets_one_message(
    core: Services, owner: StaffActor, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.campaign_sending.AHEAD", 40)
    monkeypatch.setattr("core.campaign_sending.FEW", 20)
    await settle(1, 150, clock.now())
    campaign = await drafted(core, owner, control_share=2000)
    await chosen(core, owner, campaign)
    told = {each for each, is_kept in (await recipients(campaign)).items() if not is_kept}
    for _ in range(40):
        await core.sendings.drive()
        assert sum(state == "queued" for state in (await written(campaign)).values()) <= 60
        await fetch("UPDATE message SET state = 'sent' WHERE campaign_id = $1", campaign)
    assert set(await written(campaign)) == told
    view = await core.campaigns.look(owner, campaign)
    assert view.row.state == State.DONE
    assert (view.progress.done, view.progress.total, view.progress.sent) == (len(told), len(told), len(told))
    assert await one("SELECT count(*) FROM campaign_recipient WHERE taken_at IS NULL") == 0


async def test_pause_resume_and_stop(core: Services, owner: StaffActor, clock: ManualClock) -> None:
    await settle(1, 5, clock.now())
    campaign = await drafted(core, owner)
    await chosen(core, owner, campaign)
    await core.sendings.drive()
    due = "SELECT count(*) FROM message WHERE campaign_id = $1 AND state = 'queued' AND not_before <= $2"
    assert await one(due, campaign, clock.now()) == 5
    assert (await core.sendings.pause(owner, campaign)).row.state == State.PAUSED
    assert await one(due, campaign, clock.now() + timedelta(days=365)) == 0
    await core.sendings.drive()
    assert (await core.sendings.pause(owner, campaign)).row.state == State.PAUSED
    assert (await core.sendings.resume(owner, campaign)).row.state == State.SENDING
    assert await one(due, campaign, clock.now()) == 5
    await fetch("UPDATE message SET state = 'sent' WHERE customer_id = 1 AND campaign_id = $1", campaign)
    view = await core.sendings.stop(owner, campaign)
    assert (view.row.state, view.row.reason, view.row.finished_at) == (State.STOPPED, "by_hand", clock.now())
    assert await written(campaign) == {1: "sent"} | dict.fromkeys(range(2, 6), "suppressed")
    assert (await core.sendings.resume(owner, campaign)).row.state == State.STOPPED
    await core.sendings.drive()
    assert (await core.campaigns.look(owner, campaign)).row.state == State.STOPPED


async def test_who_sleeps_waits_for_their_morning(core: Services, owner: StaffActor, clock: ManualClock) -> None:
    """It is noon in Moscow and 20 o'clock in Petropavlovsk-Kamchatsky, where it gets late during the campaign."""
    far = await one(
        "INSERT INTO branch (name, time_zone, is_open, created_at) VALUES ('f', 'Asia/Kamchatka', true, $1) "
        "RETURNING id",
        clock.now(),
    )
    await settle(1, 4, clock.now())
    await fetch("UPDATE customer SET branch_id = $1 WHERE id <= 2", far)
    campaign = await drafted(core, owner)
    await chosen(core, owner, campaign)
    clock.forward(hours=1)
    await core.sendings.drive()
    assert set(await written(campaign)) == {3, 4}
    await fetch("UPDATE message SET state = 'sent' WHERE campaign_id = $1", campaign)
    await core.sendings.drive()
    assert (await core.campaigns.look(owner, campaign)).row.state == State.SENDING
    clock.forward(hours=12)
    await core.sendings.drive()
    assert set(await written(campaign)) == {1, 2, 3, 4}


@pytest.mark.parametrize(
    ("other_is", "kept_is", "outcome"),
    [
        ("sent", "waiting", []),  # the same person is not told twice
        ("queued", "waiting", ["kept"]),
        ("queued", "no recipient", ["kept"]),  # and not forgotten
        ("waiting", "no recipient", ["kept"]),
        ("control", "no recipient", []),
        ("waiting", "sent", []),
    ],
)
async def test_two_customers_who_become_one_are_told_once(
    core: Services, owner: StaffActor, clock: ManualClock, other_is: str, kept_is: str, outcome: list[str]
) -> None:
    people = {"other": 1, "kept": 2}
    await settle(1, 2, clock.now())
    campaign = await drafted(core, owner)
    await chosen(core, owner, campaign)
    await core.sendings.drive()
    for customer, stands in ((1, other_is), (2, kept_is)):
        mine = "campaign_id = $1 AND customer_id = $2", campaign, customer
        await fetch(f"UPDATE message SET state = 'sent' WHERE {mine[0]}", *mine[1:])
        if stands == "queued":
            await fetch(f"UPDATE message SET state = 'queued' WHERE {mine[0]}", *mine[1:])
        elif stands != "sent":
            await fetch(f"DELETE FROM message WHERE {mine[0]}", *mine[1:])
            await fetch(
                "UPDATE campaign_recipient SET taken_at = NULL, counts_until = NULL, is_control = $3 "
                f"WHERE {mine[0]}",
                *(*mine[1:], stands == "control"),
            )
        if stands == "no recipient":
            await fetch(f"DELETE FROM campaign_recipient WHERE {mine[0]}", *mine[1:])
    clock.forward(minutes=1)
    await core.merging.merge(owner, people["kept"], people["other"])
    for _ in range(2):
        await core.sendings.drive()
    states = await written(campaign)
    assert [name for name, number in people.items() if states.get(number) == "queued"] == outcome
    found = await recipients(campaign)
    assert found[2] == (other_is == "control")
    assert await store.waiting(campaign) == (0, 0)


async def test_a_time_to_begin(core: Services, owner: StaffActor, clock: ManualClock) -> None:
    await settle(1, 2, clock.now())
    campaign = await drafted(core, owner)
    for at, reason in ((-1, "past"), (10, "quiet"), (24 * 400, "far")):
        with pytest.raises(CampaignTime) as refusal:
            await core.campaigns.launch(owner, campaign, clock.now() + timedelta(hours=at))
        assert refusal.value.data["reason"] == reason
    begin = clock.now() + timedelta(hours=3)
    assert (await core.campaigns.launch(owner, campaign, begin)).row.state == State.SCHEDULED
    await work_on_jobs(core)
    assert await recipients(campaign) == {}
    await settle(3, 3, clock.now())
    clock.forward(hours=3)
    await work_on_jobs(core)
    assert set(await recipients(campaign)) == {1, 2, 3}


async def test_old_news_is_not_told_and_a_stopped_one_never_begins(
    core: Services, owner: StaffActor, clock: ManualClock
) -> None:
    await settle(1, 2, clock.now())
    late, stopped = await drafted(core, owner), await drafted(core, owner, body="Другая")
    for campaign in (late, stopped):
        await core.campaigns.launch(owner, campaign, clock.now() + timedelta(hours=3))
        await core.sendings.show_on(owner, campaign, 55)
    await core.sendings.stop(owner, stopped)
    clock.forward(hours=16)
    await work_on_jobs(core)
    row = (await core.campaigns.look(owner, late)).row
    assert (row.state, row.reason) == (State.STOPPED, "late")
    assert await recipients(stopped) == {}
    assert (await core.campaigns.look(owner, stopped)).row.reason == "by_hand"
    rows = await fetch("SELECT template, data, chat_id, edits_message_id FROM message")
    assert [(row["template"], row["chat_id"], row["edits_message_id"]) for row in rows] == [
        ("screen/campaign", owner.telegram_id, None)
    ]
    assert decoded(rows[0]["data"]) == {"campaign_id": late}


async def test_managers_write_to_their_own_branch_only(
    core: Services, owner: StaffActor, clock: ManualClock
) -> None:
    manager, cashier = await hire(core, 7002, Role.MANAGER), await hire(core, 7003, Role.CASHIER)
    far = await one(
        "INSERT INTO branch (name, time_zone, is_open, created_at) VALUES ('f', 'Europe/Moscow', true, $1) "
        "RETURNING id",
        clock.now(),
    )
    stranger = await hire(core, 7004, Role.MANAGER, far)
    await settle(1, 4, clock.now())
    await fetch("UPDATE customer SET branch_id = $1 WHERE id = 1", manager.branch_id)
    await fetch("UPDATE customer SET branch_id = $1 WHERE id = 2", far)
    await buy(core, cashier, 3, 100_00)
    campaign = await drafted(core, manager)
    assert (await core.campaigns.look(owner, campaign)).reach.people == 2
    assert await core.segments.choices(manager, "branches") == []
    for actor, refusal in ((stranger, CampaignUnknown), (cashier, NotAllowed)):
        with pytest.raises(refusal):
            await core.campaigns.edit(actor, campaign, body="x")
        with pytest.raises(refusal):
            await core.sendings.stop(actor, campaign)
    assert (await core.campaigns.newest(stranger))[0] == []
    assert [row.id for row in (await core.campaigns.newest(manager))[0]] == [campaign]
    await chosen(core, manager, campaign)
    assert set(await recipients(campaign)) == {1, 3}


async def test_what_has_begun_is_not_changed(core: Services, owner: StaffActor, clock: ManualClock) -> None:
    campaign = await drafted(core, owner)
    nothing = await core.campaigns.create(owner, key="a")
    assert (await core.campaigns.create(owner, key="a")).row.id == nothing.row.id
    with pytest.raises(CampaignIncomplete):
        await core.campaigns.launch(owner, nothing.row.id)
    with pytest.raises(CampaignIncomplete):
        await core.campaigns.launch(owner, campaign)
    await settle(1, 1, clock.now())
    await core.campaigns.launch(owner, campaign)
    for change in (
        core.campaigns.edit(owner, campaign, body="x"),
        core.segments.set_condition(owner, campaign, "purchases", Span(1, 2)),
        core.campaigns.set_picture(owner, campaign, "f", b"x"),
        core.campaigns.delete(owner, campaign),
        core.campaigns.launch(owner, campaign),
    ):
        with pytest.raises(CampaignBegun):
            await change
    await core.campaigns.delete(owner, nothing.row.id)
    with pytest.raises(CampaignUnknown):
        await core.campaigns.look(owner, nothing.row.id)


async def test_purchases_of_both_groups_count_within_their_days(
    core: Services, owner: StaffActor, cashier: StaffActor, clock: ManualClock
) -> None:
    people = [await enrol(core, 100 + number) for number in range(4)]
    campaign = await drafted(core, owner)
    await core.campaigns.edit(owner, campaign, result_days=3)
    await buy(core, cashier, people[0], 700_00)
    clock.forward(minutes=1)
    await chosen(core, owner, campaign)
    await fetch("UPDATE campaign_recipient SET is_control = true WHERE customer_id = $1", people[3])
    await core.sendings.drive()
    await fetch("UPDATE message SET state = 'sent' WHERE campaign_id IS NOT NULL")
    clock.forward(days=1)
    for customer, total in ((people[1], 300_00), (people[1], 100_00), (people[3], 50_00)):
        await buy(core, cashier, customer, total)
    sale = await core.till.open_sale(cashier, people[2], 90_00, key="undone")
    await core.till.accrue(cashier, sale.purchase_id)
    await core.refunds.undo(cashier, sale.purchase_id)
    clock.forward(days=3)
    await buy(core, cashier, people[2], 999_00)
    found = await core.sendings.results(owner, campaign)
    assert (found.told.people, found.told.buyers, found.told.total) == (3, 1, 400_00)
    assert found.told.squares == pytest.approx(40_000.0**2)
    assert (found.control.people, found.control.buyers, found.control.total) == (1, 1, 50_00)
    assert found.effect.share is None


async def test_a_recipients_turn_comes_once_though_their_chat_is_gone(
    core: Services, owner: StaffActor, clock: ManualClock
) -> None:
    await settle(1, 2, clock.now())
    campaign = await drafted(core, owner)
    await chosen(core, owner, campaign)
    await fetch("UPDATE telegram_identity SET blocked_at = $1 WHERE telegram_id = 1", clock.now())
    await core.sendings.drive()
    assert set(await written(campaign)) == {2}
    assert await store.waiting(campaign) == (0, 0)


async def test_a_campaign_is_repeated_as_a_draft_with_a_control_group_of_its_own(
    core: Services, owner: StaffActor, clock: ManualClock
) -> None:
    await settle(1, 40, clock.now())
    campaign = await drafted(core, owner, control_share=2000)
    await core.campaigns.set_picture(owner, campaign, "file", b"picture")
    await core.segments.set_condition(owner, campaign, "languages", ("ru",))
    await chosen(core, owner, campaign)
    again = await core.campaigns.repeat(owner, campaign, key="again")
    assert (await core.campaigns.repeat(owner, campaign, key="again")).row.id == again.row.id != campaign
    assert (again.row.state, again.row.body, again.row.control_share) == ("draft", TEXT, 2000)
    assert again.segment.languages == ("ru",)
    assert await core.sendings.picture(again.row.id) == b"picture"
    await chosen(core, owner, again.row.id)
    assert len(await recipients(again.row.id)) == 40
    assert await recipients(again.row.id) != await recipients(campaign)
