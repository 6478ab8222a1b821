"""Saying no to messages: the word, the button, and the link in an SMS."""

import pytest

from core.consents import PAIRS
from core.services import Services
from core.store import outbox
from core.store.sql import fetch
from handlers.customer.quiet import is_stop
from tests.bots.customer_chat import chatting
from tests.bots.world import ANNA, BORIS
from tests.conftest import enrol
from tests.core.kit import one

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


async def waiting(core: Services, customer_id: int) -> None:
    """An offer by each channel that goes out tomorrow, and a receipt."""
    now = core.deps.clock.now()
    later = now.replace(year=now.year + 1)
    common = {"template": "notice/friend_joined", "language": "ru", "customer_id": customer_id, "priority": 90}
    drafts = [
        outbox.Draft(
            topic="win_back", channel="sms", phone="79000000001", dedupe_key="w:sms", not_before=later, **common
        ),
        outbox.Draft(
            topic="birthday",
            channel="telegram",
            bot="customer",
            chat_id=1,
            dedupe_key="b",
            not_before=later,
            **common,
        ),
        outbox.Draft(
            topic="receipts",
            channel="telegram",
            bot="customer",
            chat_id=1,
            dedupe_key="r",
            not_before=later,
            **common,
        ),
    ]
    await outbox.enqueue(drafts, now)


async def states() -> dict[str, tuple[str, str | None]]:
    rows = await fetch("SELECT dedupe_key, state, reason FROM message WHERE dedupe_key IN ('w:sms', 'b', 'r')")
    return {row["dedupe_key"]: (row["state"], row["reason"]) for row in rows}


KEPT_BACK = {"w:sms": ("suppressed", "consent"), "b": ("suppressed", "consent"), "r": ("queued", None)}


@pytest.mark.parametrize("word", ["стоп", "СТОП!", "Stop.", " «Отписаться» ", "unsubscribe"])
def test_words_that_say_no(word):
    assert is_stop(word)


@pytest.mark.parametrize("word", ["стопка", "не стоп", "stop it", "", "привет"])
def test_words_that_say_something_else(word):
    assert not is_stop(word)


@on_sqlite
async def test_the_word_ends_reminders_and_offers_and_what_waits(core):
    customer = await enrol(core, ANNA.id, "79000000001")
    await waiting(core, customer)
    async with chatting(core) as anna:
        said = await anna.say("Стоп!")
        assert "Больше не побеспокоим" in said
        topics = await core.preferences.topics(await anna.actor())
        assert [topics[pair] for pair in PAIRS] == [False] * 4
        assert topics[("receipts", "telegram")] is True
        assert await states() == KEPT_BACK
        sources = await fetch("SELECT DISTINCT source, text_version FROM consent WHERE NOT granted")
        assert [row["source"] for row in sources] == ["word"]
        assert await anna.press("⬅️ Назад")
        assert "⬜️ Акции · Telegram" in anna.keys
        assert "🔕 Отключить все рассылки" not in anna.keys
        await anna.press("⬜️ Акции · Telegram")
        assert "🔕 Отключить все рассылки" in anna.keys


@on_sqlite
async def test_the_button_does_the_same_and_twice_changes_nothing(core):
    customer = await enrol(core, ANNA.id, "79000000001")
    await waiting(core, customer)
    async with chatting(core) as anna:
        await anna.say("/settings")
        screen = anna.last.id
        assert "Больше не побеспокоим" in await anna.press("🔕 Отключить все рассылки")
        assert await states() == KEPT_BACK
        rows = await one("SELECT count(*) FROM consent")
        await anna.press("g:quiet", screen, force=True)
        assert await one("SELECT count(*) FROM consent") == rows


@on_sqlite
async def test_the_word_leaves_a_customers_question(core):
    """A question may have stood open for weeks when the message comes that somebody wants no more of."""
    await enrol(core, ANNA.id, "79000000001")
    async with chatting(core) as anna:
        await anna.say("/settings")
        await anna.press("📱 Сменить номер")
        assert "Больше не побеспокоим" in await anna.say("стоп")
        topics = await core.preferences.topics(await anna.actor())
        assert [topics[pair] for pair in PAIRS] == [False] * 4
        assert "побеспокоим" not in await anna.say("79000000009"), "the question is closed"


@on_sqlite
async def test_to_whoever_registers_the_word_is_an_answer(core):
    async with chatting(core) as anna:
        await anna.start()
        assert "не в программе" not in await anna.say("стоп")


@on_sqlite
async def test_whoever_is_no_customer_hears_what_to_do(core):
    async with chatting(core) as anna:
        assert "вы пока не в программе" in await anna.say("СТОП")


@on_sqlite
async def test_the_link_of_an_sms_works_for_its_reader_alone(core):
    customer = await enrol(core, ANNA.id, "79000000001")
    other = await enrol(core, BORIS.id, "79000000002")
    async with chatting(core) as anna:
        core.deps.links.customer_bot = "kopilka_test_bot"
        link = core.consents.stop_link(customer)
        assert link.startswith("t.me/kopilka_test_bot?start=stop_")
        payload = link.partition("start=")[2]
        forged = f"stop_{other}-{payload.rpartition('-')[2]}"
        assert "повредилась" in await anna.start(forged)
        assert "повредилась" in await anna.start("stop_x-1")
        stranger = type(anna)(anna.bots, BORIS)
        assert "Готово, вы отписаны" in await stranger.start(payload)
    said = await fetch("SELECT customer_id, source FROM consent WHERE NOT granted")
    assert {(row["customer_id"], row["source"]) for row in said} == {(customer, "link")}


@on_sqlite
async def test_terms_are_shown_as_they_were_agreed_to(core):
    await core.programmes.change({"terms": "Первые условия"})
    await enrol(core, ANNA.id, "79000000001")
    await core.programmes.change({"terms": "Вторые условия"})
    async with chatting(core) as anna:
        await anna.say("/settings")
        said = await anna.press("📄 Условия")
        assert "Первые условия" in said
        assert "С тех пор условия изменились" in said
        assert "Вторые" not in said
