"""What the relay knows of the merchant's own texts: the newest ones, the reader's name, and those that fail."""

from datetime import timedelta

import pytest

from bot.relay.wording import Wording
from core.domain.people import Role
from core.store import claims, outbox
from core.store.claims import Claimed
from core.store.outbox import Draft
from core.store.sql import fetch
from handlers.rendering import Renderer
from tests.bots.world import TEMPLATES
from tests.conftest import enrol, hire
from tests.core.kit import one

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
KEY = ("notice/friend_joined", "ru", "telegram")


async def claimed(core, customer_id: int, **more: object) -> Claimed:
    values = {"topic": "referral", "channel": "telegram", "template": KEY[0], "language": "ru", "priority": 5}
    values |= {"dedupe_key": f"k:{more}", "bot": "customer", "chat_id": 1, "customer_id": customer_id}
    draft = Draft(**(values | {"data": {"points": 500}} | more))
    now = core.deps.clock.now()
    await outbox.enqueue([draft], now)
    bot = None if draft.channel == "sms" else "customer"
    lease = timedelta(seconds=60)
    found = await claims.claim(draft.channel, bot, worker="w", now=now, lease=lease, limit=1)
    return found[0]


async def test_another_process_sends_what_was_saved_here_with_the_readers_name(core):
    customer = await enrol(core, 1, "79000000001")
    owner = await hire(core, 50, Role.OWNER)
    await core.preferences.edit_at_till(owner, customer, name="Анна Примерова")
    renderer = Renderer(TEMPLATES)
    wording = Wording(core, renderer, renew_s=0)
    message = await claimed(core, customer)
    assert await wording.data_of(message, "ru") == {"points": 500}, "the file asks for no more"
    await core.texts.save(owner, KEY, "{имя}, друг пришёл: {награда}, на счету {баланс}")
    data = await wording.data_of(message, "ru")
    assert renderer.text("ru", KEY[0], **data) == "Анна, друг пришёл: +5\u00a0баллов, на счету 0\u00a0баллов"
    assert (await wording.data_of(message, "en")) == {"points": 500}
    await core.texts.save(owner, KEY, None)
    await wording.data_of(message, "ru")
    assert "По вашему приглашению" in renderer.text("ru", KEY[0], points=0)


async def test_a_text_that_fails_is_told_to_the_owner_once_and_forgotten_when_it_is_changed(core):
    customer = await enrol(core, 1, "79000000001")
    owner = await hire(core, 50, Role.OWNER)
    renderer = Renderer(TEMPLATES)
    wording = Wording(core, renderer, renew_s=0)
    await core.texts.save(owner, KEY, "{{ points.__class__ }}")  # nothing of the office's: it checks before
    message = await claimed(core, customer)
    for _ in range(2):
        said = renderer.text("ru", KEY[0], **await wording.data_of(message, "ru"))
        assert "По вашему приглашению" in said
        await wording.report()
    told = await fetch("SELECT template FROM message WHERE topic = 'alert'")
    assert [row["template"] for row in told] == ["notice/alert_text_failed"]
    await core.texts.save(owner, KEY, "Друг пришёл")
    assert await core.alerts.going_on() == []
    assert await one("SELECT count(*) FROM message WHERE topic = 'alert'") == 1


async def test_marketing_by_sms_says_how_to_refuse_more_and_nothing_else_does(core):
    customer = await enrol(core, 1, "79000000001")
    wording = Wording(core, Renderer(TEMPLATES))
    sms = {"channel": "sms", "bot": None, "chat_id": None, "phone": "79000000001", "template": "sms/win_back"}
    offer = await claimed(core, customer, topic="win_back", **sms)
    core.deps.links.customer_bot = ""
    assert wording.refusal_of(offer) == "", "before the bot's name is known"
    core.deps.links.customer_bot = "sample_bot"
    line = wording.refusal_of(offer)
    assert line == f"\nОтказ от сообщений: {core.consents.stop_link(customer)}"
    assert "t.me/sample_bot?start=stop_" in line
    for topic in ("code", "expiry_soon", "registration"):
        assert wording.refusal_of(await claimed(core, customer, topic=topic, **sms)) == ""
