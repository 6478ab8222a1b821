"""Which question is open, kept in the database and written once, together with the update's mark.

A crash before that leaves both as they were, so the update comes again to the same question; a crash after
it finds the update done. Nothing of a dialogue is lost by a restart, with Redis or without.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StorageKey

from core.ports import Clock
from core.store import updates


@dataclass(slots=True)
class Page:
    """The dialogue of the update at hand, as it was and as it becomes."""

    key: str
    state: str | None
    data: dict[str, Any] = field(default_factory=dict)
    changed: bool = False


current_page: ContextVar[Page | None] = ContextVar("current_page", default=None)


def dialogue_key(bot_id: int, chat_id: int, user_id: int) -> str:
    """The dialogue of one person with one bot."""
    return f"{bot_id}:{chat_id}:{user_id}"


class DialogueStorage(BaseStorage):
    """aiogram's storage on the page at hand; dialogues of others are read and written directly."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def set_state(self, key: StorageKey, state: str | State | None = None) -> None:
        name = state.state if isinstance(state, State) else state
        page = _page(key)
        if page is not None:
            page.state, page.changed = name, True
            return
        _, data = await updates.dialogue(_name(key))
        await updates.save_dialogue(_name(key), name, data, self._clock.now())

    async def get_state(self, key: StorageKey) -> str | None:
        page = _page(key)
        return page.state if page is not None else (await updates.dialogue(_name(key)))[0]

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        page = _page(key)
        if page is not None:
            page.data, page.changed = dict(data), True
            return
        state, _ = await updates.dialogue(_name(key))
        await updates.save_dialogue(_name(key), state, dict(data), self._clock.now())

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        page = _page(key)
        return dict(page.data) if page is not None else (await updates.dialogue(_name(key)))[1]

    async def close(self) -> None:
        """Nothing is held open."""


def _name(key: StorageKey) -> str:
    return dialogue_key(key.bot_id, key.chat_id, key.user_id)


def _page(key: StorageKey) -> Page | None:
    page = current_page.get()
    return page if page is not None and page.key == _name(key) else None
