"""Fetching what people send: bounded, and silent about the token in its address."""

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiohttp import web

from bot.telegram import DownloadFailed, FileTooBig, build_bot, download_file
from bot.telegram.backoff import Backoff
from tests.bots.telegram_stub import TOKEN, Reply, Stub, drop, error, hang, ok, page, running_stub


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    async with running_stub() as one:
        one.usual["getFile"] = ok({"file_id": "f", "file_unique_id": "u", "file_path": "photos/1.jpg"})
        yield one


@pytest.fixture
async def bot(stub: Stub) -> AsyncIterator[Bot]:
    one = build_bot(TOKEN, api_url=stub.url, backoff=Backoff(0.01, 0.02))
    yield one
    await one.session.close()


def content(size: int) -> Reply:
    return lambda _: web.Response(body=b"x" * size)


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    try:
        while True:
            await response.write(b"x" * 65536)
    except ConnectionError:
        return response


async def test_a_file_is_fetched_to_the_last_byte_allowed(stub: Stub, bot: Bot) -> None:
    stub.files["photos/1.jpg"] = content(1000)
    assert await download_file(bot, "f", 1000) == b"x" * 1000


@pytest.mark.parametrize("reply", [content(1001), endless])
async def test_a_larger_one_is_refused_whatever_was_announced(stub: Stub, bot: Bot, reply: Reply) -> None:
    stub.files["photos/1.jpg"] = reply
    with pytest.raises(FileTooBig):
        await download_file(bot, "f", 1000)


async def test_an_announced_size_is_believed_when_it_is_too_large(stub: Stub, bot: Bot) -> None:
    stub.usual["getFile"] = ok({"file_id": "f", "file_unique_id": "u", "file_path": "p", "file_size": 1001})
    with pytest.raises(FileTooBig):
        await download_file(bot, "f", 1000)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(400, "Bad Request: file is too big"), FileTooBig),
        (error(400, "Bad Request: wrong file_id"), DownloadFailed),
        (ok({"file_id": "f", "file_unique_id": "u"}), DownloadFailed),
    ],
)
async def test_what_telegram_does_not_give(stub: Stub, bot: Bot, reply: Reply, kind: type) -> None:
    stub.usual["getFile"] = reply
    with pytest.raises(kind) as caught:
        await download_file(bot, "f", 1000)
    assert caught.value.transient is False


@pytest.mark.parametrize(
    ("reply", "transient"),
    [(page(404), False), (page(502), True), (drop, True), (hang, True)],
    ids=["404", "502", "drop", "hang"],
)
async def test_failures_hold_no_address(stub: Stub, bot: Bot, reply: Reply, transient: bool) -> None:
    asked = []

    def counting(request: web.Request) -> object:
        asked.append(request)
        return reply(request)

    stub.files["photos/1.jpg"] = counting
    with pytest.raises(DownloadFailed) as caught:
        await download_file(bot, "f", 1000, timeout_s=1 if reply is hang else 60)
    assert caught.value.transient is transient
    assert (len(asked) > 1) is transient
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    assert TOKEN not in repr(caught.value)
    assert "http" not in str(caught.value)


async def test_one_lost_download_is_got_over(stub: Stub, bot: Bot) -> None:
    replies = [drop, content(3)]
    stub.files["photos/1.jpg"] = lambda request: replies.pop(0)(request)  # noqa: PLW0108 - one at a time
    assert await download_file(bot, "f", 1000) == b"xxx"
