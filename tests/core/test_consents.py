"""Consents and what waits in the outbox: withdrawn while somebody queues, by many, and what was agreed to."""

import asyncio
from datetime import timedelta

import pytest

from core.consents import PAIRS
from core.domain.errors import CustomerUnknown, NotAllowed, StopLinkBroken
from core.domain.people import Role
from core.services import Services
from core.store import consents
from core.store.claims import claim
from core.store.sql import fetch, is_postgres
from core.store.transactions import run_in_transaction
from core.telling import Telling, tell
from core.telling_gate import gate
from tests.conftest import enrol, hire
from tests.core.kit import actor_of, one

_LEASE = timedelta(seconds=60)


def greeting(customer_id: int, topic: str = "win_back", key: str = "") -> Telling:
    data = {"name": None, "text": "", "points": 0, "until_at": None, "time_zone": "Europe/Moscow", "merchant": ""}
    return Telling(customer_id, topic, "notice/win_back", data, f"{topic}:{customer_id}:{key}")


async def queued(core: Services, *tellings: Telling) -> None:
    programme = await core.programmes.current()
    await run_in_transaction(lambda: tell(tellings, programme, core.deps.clock.now()))


async def states() -> dict[str, str]:
    rows = await fetch("SELECT dedupe_key, state, reason FROM message WHERE customer_id IS NOT NULL")
    return {row["dedupe_key"]: f"{row['state']} {row['reason'] or ''}".strip() for row in rows}


async def test_withdrawn_while_a_sweep_queues_nothing_stays_queued(core):
    """The sweep has looked at consents and has not committed yet, when the customer says no."""
    customer = await enrol(core, 1, "79000000001")
    programme = await core.programmes.current()
    looked, withdrawn = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await tell([greeting(customer)], programme, core.deps.clock.now())
        looked.set()
        if is_postgres():  # on SQLite the withdrawal waits for this transaction
            async with asyncio.timeout(60):
                await withdrawn.wait()

    async def withdraw() -> None:
        await looked.wait()
        assert await core.consents.withdraw(actor_of(customer)) == len(PAIRS)
        withdrawn.set()

    await asyncio.gather(run_in_transaction(work), withdraw())
    assert await core.consents.suppress_withdrawn() == (1 if is_postgres() else 0)
    assert await states() == {f"win_back:{customer}:": "suppressed consent"}


async def test_what_was_queued_in_between_is_refused_at_sending_as_well(core):
    customer = await enrol(core, 1, "79000000001")
    await queued(core, greeting(customer))
    claimed = await claim("telegram", "customer", worker="w", now=core.deps.clock.now(), lease=_LEASE, limit=5)
    await core.consents.withdraw(actor_of(customer))
    found = await gate(claimed, core.deps.clock.now())
    assert found.refused == {claimed[0].id: "consent"}


async def test_one_sweep_sees_to_many_and_spares_what_is_wanted(core):
    people = [await enrol(core, number, f"7900000000{number}") for number in range(1, 5)]
    for customer in people:
        await queued(core, greeting(customer), greeting(customer, "level"), greeting(customer, "receipts"))
    now = core.deps.clock.now()
    await consents.add(people[0], [("offers", "telegram", False)], version="1", source="bot", now=now)
    await consents.add(people[1], [("reminders", "telegram", False)], version="1", source="bot", now=now)
    await consents.add(people[2], [("offers", "telegram", False)], version="1", source="bot", now=now)
    await consents.add(people[2], [("offers", "telegram", True)], version="1", source="bot", now=now)
    await consents.add(people[3], [("offers", "sms", False)], version="1", source="bot", now=now)
    assert await core.consents.suppress_withdrawn() == 2
    found = await states()
    assert {key for key, state in found.items() if state == "suppressed consent"} == {
        f"win_back:{people[0]}:",
        f"level:{people[1]}:",
    }
    assert len(found) == 12
    core.deps.clock.forward(minutes=20)
    assert await core.consents.suppress_withdrawn() == 0


async def test_one_switch_keeps_back_its_own_topic_and_channel_alone(core):
    customer = await enrol(core, 1, "79000000001")
    await queued(core, greeting(customer), greeting(customer, "level"))
    await core.preferences.set_topic(actor_of(customer), "reminders", "telegram", False)
    assert await states() == {f"win_back:{customer}:": "queued", f"level:{customer}:": "suppressed consent"}


async def test_consents_are_shown_with_version_time_and_source(core):
    await core.programmes.change({"terms": "Первые"})
    customer = await enrol(core, 1, "79000000001")
    member = await hire(core, 50, Role.CASHIER)
    first = await core.consents.terms_of(member, customer)
    assert (first.text, first.source, first.newer) == ("Первые", "bot", False)
    await core.programmes.change({"terms": "Вторые"})
    assert (await core.consents.terms_of(member, customer)).newer
    core.deps.clock.forward(hours=1)
    assert await core.consents.withdraw_at_till(member, customer) == len(PAIRS)
    assert await core.consents.withdraw_at_till(member, customer) == 0
    said = {(each.topic, each.channel): each for each in await core.consents.of_customer(member, customer)}
    assert said[("terms", "any")].granted
    assert said[("terms", "any")].version == first.version
    refused = said[("offers", "sms")]
    assert (refused.granted, refused.source, refused.at) == (False, "staff", core.deps.clock.now())
    assert int(refused.version) > int(first.version)
    assert await one("SELECT count(*) FROM audit_row WHERE action = 'customer.consents_withdrawn'") == 1
    with pytest.raises(CustomerUnknown):
        await core.consents.withdraw_at_till(member, customer + 1)


async def test_a_link_works_for_its_customer_alone_and_for_nobody_known(core):
    customer = await enrol(core, 1, "79000000001")
    other = await enrol(core, 2, "79000000002")
    core.deps.links.customer_bot = "sample_bot"
    token = core.consents.stop_link(customer).partition("stop_")[2]
    for broken in ("", "-", token[:-1], f"{other}-{token.partition('-')[2]}", "²-1", f"{10**30}-1", f"-{token}"):
        with pytest.raises(StopLinkBroken):
            await core.consents.withdraw_by_link(broken)
    await core.consents.withdraw_by_link(token)
    nobody = core.consents.stop_link(10**9).partition("stop_")[2]
    await core.consents.withdraw_by_link(nobody)
    said = await fetch("SELECT DISTINCT customer_id, source FROM consent WHERE NOT granted")
    assert [(row["customer_id"], row["source"]) for row in said] == [(customer, "link")]


async def test_texts_are_the_owners_and_every_change_is_kept(core):
    owner, manager = await hire(core, 50, Role.OWNER), await hire(core, 51, Role.MANAGER)
    key = ("notice/receipt", "ru", "telegram")
    with pytest.raises(NotAllowed):
        await core.texts.save(manager, key, "x")
    assert await core.texts.newer_than(0) is None
    for body in ("один", "два", "два", None):
        await core.texts.save(owner, key, body)
    version, own = await core.texts.newer_than(0)
    assert own == {}
    assert await core.texts.newer_than(version) is None
    rows = await fetch("SELECT body, author_id FROM message_text ORDER BY id")
    assert [(row["body"], row["author_id"]) for row in rows] == [
        ("один", owner.id),
        ("два", owner.id),
        (None, owner.id),
    ]
    assert await one("SELECT count(*) FROM audit_row WHERE object_kind = 'message_text'") == 3


async def test_two_owners_saving_at_once_leave_one_text_in_force(core):
    owner = await hire(core, 50, Role.OWNER)
    key = ("notice/receipt", "ru", "telegram")
    await asyncio.gather(*(core.texts.save(owner, key, f"текст {number}") for number in range(5)))
    version, own = await core.texts.newer_than(0)
    newest = await one("SELECT body FROM message_text WHERE id = $1", version)
    assert own == {key: newest}
