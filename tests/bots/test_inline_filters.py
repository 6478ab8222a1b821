"""Plain filters are asked in the event loop, and mean what they meant."""

import threading
from datetime import UTC, datetime

import pytest
from aiogram import F, Router
from aiogram.filters import invert_f, or_f
from aiogram.types import Chat, Message, User

from bot.build import TEMPLATES
from bot.dispatchers import customer_dispatcher, staff_dispatcher
from bot.inline_filters import ask_in_place
from core.deps import Deps
from core.services import Services
from handlers.rendering import Renderer


def typed(text: str) -> Message:
    person = User(id=1, is_bot=False, first_name="Sample")
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    return Message(message_id=1, date=at, chat=Chat(id=1, type="private"), from_user=person, text=text)


async def handled(*filters: object, text: str) -> tuple[bool, set[int]]:
    """Whether the filters let a text through, and in which threads a plain one was asked."""
    threads: set[int] = set()

    def noted(message: Message, word: str) -> bool:
        threads.add(threading.get_ident())
        return word in (message.text or "")

    router, outer = Router(), Router()
    outer.include_router(router)

    async def handler(message: Message) -> None:
        pass

    router.message.register(handler, noted, *filters)
    ask_in_place(outer)
    passed, _ = await router.message.handlers[0].check(typed(text), word="word")
    return passed, threads


@pytest.mark.parametrize(
    ("text", "passes"),
    [("word", True), ("a word or two", True), ("nothing", False), ("word no", False), ("/word", True)],
)
async def test_filters_mean_what_they_meant(text: str, passes: bool) -> None:
    magic = or_f(F.text.startswith("/"), F.text.in_({"word", "a word or two", "nothing"}))
    passed, threads = await handled(magic, invert_f(F.text.endswith("no")), text=text)
    assert (passed, threads) == (passes, {threading.get_ident()})


@pytest.mark.parametrize("build", [customer_dispatcher, staff_dispatcher])
def test_no_filter_of_the_bots_is_left_to_a_thread(build, deps: Deps) -> None:
    dispatcher = build(Services.of(deps), Renderer(TEMPLATES, clock=deps.clock))
    filters = [
        each
        for router in dispatcher.chain_tail
        for observer in router.observers.values()
        for handler in observer.handlers
        for found in handler.filters or []
        for each in (found, *getattr(found.callback, "targets", ()))
    ]
    assert len(filters) > 50
    assert all(each.awaitable for each in filters)
