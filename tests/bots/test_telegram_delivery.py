"""Sending through everything that can go wrong, over real HTTP."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import BotCommand

from bot.telegram import (
    NotSent,
    Outcome,
    OutcomeUnknown,
    Pace,
    build_bot,
    classify,
    safe_text,
    single_try,
)
from bot.telegram.backoff import Backoff
from simulator import BotAccount, Person, Simulator
from tests.bots.telegram_stub import (
    TOKEN,
    Reply,
    Stub,
    drop,
    error,
    hang,
    ok,
    page,
    redirect_loop,
    running_stub,
    silent_port,
    until,
)

QUICK = Backoff(first_s=0.01, cap_s=0.02)


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    async with running_stub() as one:
        yield one


@pytest.fixture
async def bot(stub: Stub) -> AsyncIterator[Bot]:
    one = build_bot(TOKEN, api_url=stub.url, request_s=60, total_s=600.0, backoff=QUICK)
    yield one
    await one.session.close()


def hasten(bot: Bot, reply: Reply) -> None:
    """Only where the far side keeps silent the bot waits briefly: a busy machine shall not look like that."""
    if reply is hang:
        bot.session.timeout = 1.0


async def test_a_bot_speaks_html_without_previews(stub: Stub, bot: Bot) -> None:
    await bot.send_message(5, "<b>x</b>")
    (_, _, data) = stub.calls[0]
    assert data["parse_mode"] == "HTML"
    await bot.send_message(5, "https://example.com", link_preview_options=None)
    assert bot.default.link_preview_is_disabled is True


LOST: list[Reply] = [
    page(502),
    drop,
    hang,
    page(200, b"\xff\xfe\x00garbage"),
    error(500, None),
    error(500, "Internal"),
]
LOST_IDS = ["502 page", "dropped", "hang", "garbage", "no description", "500"]


@pytest.mark.parametrize("reply", LOST, ids=LOST_IDS)
async def test_a_message_of_unknown_fate_is_sent_twice_at_most(stub: Stub, bot: Bot, reply: Reply) -> None:
    hasten(bot, reply)
    stub.usual["sendMessage"] = reply
    with pytest.raises(OutcomeUnknown) as caught:
        await bot.send_message(5, "x")
    assert stub.count("sendMessage") == 2
    assert caught.value.attempts == 2


@pytest.mark.parametrize("reply", LOST, ids=LOST_IDS)
async def test_one_lost_answer_is_got_over(stub: Stub, bot: Bot, reply: Reply) -> None:
    hasten(bot, reply)
    stub.on("sendMessage", reply)
    assert (await bot.send_message(5, "x")).message_id == 1
    assert stub.count("sendMessage") == 2


@pytest.mark.parametrize("reply", LOST, ids=LOST_IDS)
async def test_marketing_is_sent_once_at_most(stub: Stub, bot: Bot, reply: Reply) -> None:
    hasten(bot, reply)
    stub.on("sendMessage", reply)
    with single_try(), pytest.raises(OutcomeUnknown):
        await bot.send_message(5, "x")
    assert stub.count("sendMessage") == 1
    await bot.send_message(5, "and then as usual")


async def test_the_outbox_repeats_by_itself_what_was_certainly_not_sent(stub: Stub, bot: Bot) -> None:
    stub.on("sendMessage", error(500, "Bad Gateway: restart"), error(429, "Too Many Requests", retry_after=1))
    noted: list[int] = []

    async def before() -> None:
        noted.append(stub.count("sendMessage"))

    for _ in range(2):
        with single_try(before), pytest.raises(TelegramAPIError) as caught:
            await bot.send_message(5, "x")
        assert classify(caught.value) is Outcome.NOT_SENT
    assert noted == [0, 1], "it is noted before each call, and no call is made besides"
    assert stub.count("sendMessage") == 2


async def test_a_refusal_after_a_lost_answer_leaves_the_fate_unknown(stub: Stub, bot: Bot) -> None:
    stub.on("sendMessage", drop, error(403, "Forbidden: bot was blocked by the user"))
    with pytest.raises(OutcomeUnknown):
        await bot.send_message(5, "x")


async def test_a_message_that_was_taken_is_not_sent_again_for_an_answer_that_cannot_be_read(
    stub: Stub, bot: Bot
) -> None:
    stub.usual["sendMessage"] = ok({"message_id": "a new kind of id"})
    with pytest.raises(OutcomeUnknown):
        await bot.send_message(5, "x")
    assert stub.count("sendMessage") == 1


async def test_certain_failures_after_a_lost_answer_allow_the_second_send(stub: Stub, bot: Bot) -> None:
    stub.on("sendMessage", drop, error(500, "restart"))
    await bot.send_message(5, "x")
    assert stub.count("sendMessage") == 3, "two of them may have arrived"


IDEMPOTENT = {
    "editMessageText": lambda bot: bot.edit_message_text("x", chat_id=5, message_id=1),
    "answerCallbackQuery": lambda bot: bot.answer_callback_query("1"),
    "setMyCommands": lambda bot: bot.set_my_commands([BotCommand(command="a", description="b")]),
    "deleteMessage": lambda bot: bot.delete_message(5, 1),
    "sendChatAction": lambda bot: bot.send_chat_action(5, "typing"),
}


@pytest.mark.parametrize("method", IDEMPOTENT)
async def test_what_may_be_repeated_is_repeated(stub: Stub, bot: Bot, method: str) -> None:
    stub.on(method, page(502), drop, error(500, "Internal Server Error"))
    await IDEMPOTENT[method](bot)
    assert stub.count(method) == 4


async def test_repeating_ends_with_the_last_error(stub: Stub, bot: Bot) -> None:
    stub.usual["getMe"] = error(500, "Internal Server Error")
    with pytest.raises(TelegramServerError):
        await bot.get_me()
    assert stub.count("getMe") == 4
    stub.usual["getMe"] = page(502)
    with pytest.raises(ClientDecodeError):
        await bot.get_me()


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(403, "Forbidden: bot was blocked by the user"), TelegramForbiddenError),
        (error(400, "Bad Request: can't parse entities"), TelegramBadRequest),
    ],
)
async def test_refusals_are_final(stub: Stub, bot: Bot, reply: Reply, kind: type[Exception]) -> None:
    stub.usual["sendMessage"] = reply
    with pytest.raises(kind):
        await bot.send_message(5, "x")
    assert stub.count("sendMessage") == 1


async def test_a_refused_connection_is_tried_again_and_is_not_sent() -> None:
    with silent_port() as (_, address):
        bot = build_bot(TOKEN, api_url=address, backoff=QUICK)
        with pytest.raises(TelegramNetworkError) as caught:
            await bot.send_message(5, "x")
        await bot.session.close()
    assert classify(caught.value) is Outcome.NOT_SENT


async def test_a_server_that_comes_up_gets_the_message() -> None:
    with silent_port() as (listener, address):
        bot = build_bot(TOKEN, api_url=address, tries=100_000, total_s=600, backoff=QUICK)
        sending = asyncio.create_task(bot.send_message(5, "x"))
        done, _ = await asyncio.wait({sending}, timeout=0.05)
        assert not done
        async with running_stub(listener) as stub:
            assert (await sending).message_id == 1
            assert stub.count("sendMessage") == 1
            await bot.session.close()


@pytest.mark.parametrize(
    ("call", "method", "description", "value"),
    [
        ("editMessageText", "editMessageText", "Bad Request: message is not modified: …", True),
        ("deleteMessage", "deleteMessage", "Bad Request: message to delete not found", True),
        ("answerCallbackQuery", "answerCallbackQuery", "Bad Request: query is too old and …", False),
    ],
)
async def test_refusals_that_are_no_errors(
    stub: Stub, bot: Bot, call: str, method: str, description: str, value: bool
) -> None:
    stub.on(method, error(400, description))
    assert await IDEMPOTENT[call](bot) is value


async def test_other_refusals_of_edits_are_errors(stub: Stub, bot: Bot) -> None:
    stub.on("editMessageText", error(400, "Bad Request: message to edit not found"))
    with pytest.raises(TelegramBadRequest):
        await IDEMPOTENT["editMessageText"](bot)


async def test_retry_after_pauses_only_the_messages_of_the_bot(stub: Stub) -> None:
    pace = Pace()
    bot = build_bot(TOKEN, api_url=stub.url, pace=pace, total_s=3600)
    other = build_bot("700100201:Another_0123456789abcdef", api_url=stub.url)
    stub.on("sendMessage", error(429, "Too Many Requests: retry after 600", retry_after=600))
    first = asyncio.create_task(bot.send_message(5, "x"))
    await until(pace.paused_for)
    async with asyncio.timeout(60):
        await bot.answer_callback_query("1")
        await bot.get_updates()
        await other.send_message(5, "of another bot")
    assert not first.done()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await other.session.close()
    await bot.session.close()


async def test_retry_after_is_waited_for_by_all_chats(stub: Stub, bot: Bot) -> None:
    stub.on("sendMessage", error(429, "Too Many Requests: retry after 1", retry_after=1))
    first = asyncio.create_task(bot.send_message(5, "x"))
    await until(lambda: stub.count("sendMessage"))
    await first
    await bot.send_photo(6, "to another chat")
    (refused, sent), (photo,) = stub.times("sendMessage"), stub.times("sendPhoto")
    assert min(sent, photo) - refused >= 1


async def test_a_long_retry_after_is_not_waited_for(stub: Stub) -> None:
    bot = build_bot(TOKEN, api_url=stub.url, total_s=100)
    stub.on("sendMessage", error(429, "Too Many Requests", retry_after=600))
    async with asyncio.timeout(60):
        with pytest.raises(TelegramRetryAfter) as caught:
            await bot.send_message(5, "x")
        assert classify(caught.value) is Outcome.NOT_SENT
        with pytest.raises(NotSent) as later:
            await bot.send_message(6, "y")
    assert 500 < (later.value.retry_after or 0) <= 600
    assert stub.count("sendMessage") == 1
    await bot.session.close()


async def test_a_call_takes_no_longer_than_its_bound(stub: Stub) -> None:
    bot = build_bot(TOKEN, api_url=stub.url, request_s=3600, total_s=1.0, backoff=QUICK)
    stub.usual["sendMessage"] = hang
    stub.usual["getMe"] = hang
    async with asyncio.timeout(60):
        with pytest.raises(OutcomeUnknown):
            await bot.send_message(5, "x")
        with pytest.raises(TimeoutError):
            await bot.get_me()
    await bot.session.close()


async def test_getupdates_is_left_alone(stub: Stub, bot: Bot) -> None:
    stub.on("getUpdates", error(500, "Internal Server Error"))
    with pytest.raises(TelegramServerError):
        await bot.get_updates()
    assert stub.count("getUpdates") == 1


async def test_the_limit_holds_over_http(stub: Stub) -> None:
    bot = build_bot(TOKEN, api_url=stub.url, pace=Pace(per_second=30), total_s=600)
    began = time.monotonic()
    await asyncio.gather(*(bot.send_message(chat, "x") for chat in range(1, 61)))
    times = stub.times("sendMessage")
    assert len(times) == 60
    # requests may bunch on their way, so what can be said here is when the last one was let go at the earliest
    assert times[-1] - began >= 2
    await bot.session.close()


async def test_a_server_with_flood_control_gets_every_message_once() -> None:
    account = BotAccount(700100200, TOKEN, "sample_bot", "Sample")
    people = [Person(number, "Sample") for number in range(1, 31)]
    async with Simulator([account], people) as sim:
        sim.world.flood.enabled = True
        bot = build_bot(TOKEN, api_url=sim.url, total_s=600)
        for person in people:
            sim.world.send_text(person, account, "open the chat")
        texts = [f"{person.id}:{n}" for n in range(3) for person in people]
        await asyncio.gather(*(bot.send_message(int(text.split(":")[0]), text) for text in texts))
        await bot.session.close()
        got = [message.text for person in people for message in sim.world.from_bot(person, account)]
        refused = [call for call in sim.world.journal.calls("sendMessage") if call.error]
    assert sorted(got) == sorted(texts)
    # the pace is kept here; what bunches on its way may be refused, and is sent again. Without it 60 would be.
    assert len(refused) <= 30


@pytest.mark.parametrize(
    "reply", [redirect_loop, drop, hang, page(502), error(500, "x"), error(401, "Unauthorized")]
)
async def test_no_token_in_errors_or_logs(
    stub: Stub, bot: Bot, reply: Reply, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    hasten(bot, reply)
    stub.usual["getMe"] = reply
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever it is
        await bot.get_me()
    seen: list[str] = []
    exc: BaseException | None = caught.value
    while exc is not None:
        seen += [str(exc), repr(exc), safe_text(exc)]
        exc = exc.__cause__ or exc.__context__
    logged = [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"]
    secret = TOKEN.split(":")[1]
    assert not [text for text in [*seen, *logged, capsys.readouterr().out] if secret in text]
