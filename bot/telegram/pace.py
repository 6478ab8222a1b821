"""How fast a bot may speak: Telegram takes about 30 messages a second from a bot and 1 a second in a chat."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

from aiolimiter import AsyncLimiter

from bot.telegram.kinds import Method, chat_of, is_edit, is_message
from bot.telegram.outcome import NotSent


class SharedPace(Protocol):
    """A bot's turns over all processes that speak for it."""

    async def turn(self, within_s: float, chat: int | str | None = None) -> tuple[float, bool]:
        """Seconds to wait for the bot's next turn, or its next one in ``chat``, and whether it is this call's: it
        is not when it is farther than ``within_s``."""

    async def pause(self, seconds: float) -> None:
        """No turn is given for so long."""


@dataclass(slots=True)
class _Chat:
    limit: AsyncLimiter
    free_at: float = 0.0


class Pace:
    """The limits of one bot, and its pause after Telegram has said "Too Many Requests".

    New messages wait for their chat and for the bot, edits for the bot only; answers to presses, chat
    actions, deletions, questions and getUpdates wait for nothing, and go on during a pause.

    - `per_second`: messages of the bot in any one second, `burst` of them at once.
    - `chat_burst`: messages of a chat at once, then one per `chat_period_s`.
    - `chats`: for how many chats the limit is remembered. The one used longest ago is forgotten first:
      by then it is at rest, as a bot reaches only `per_second` chats in a second.
    - `longest_pause_s`: the longest pause, whatever Telegram asks for.
    """

    def __init__(
        self,
        *,
        per_second: int = 30,
        burst: int = 3,
        chat_burst: int = 1,
        chat_period_s: float = 1.0,
        chats: int = 2000,
        longest_pause_s: float = 900.0,
    ) -> None:
        if not 0 < burst < per_second:
            raise ValueError("burst must be between 1 and per_second - 1")
        # a full bucket empties at once and refills meanwhile: together they stay within per_second
        self._bot = AsyncLimiter(burst, burst / (per_second - burst))
        self._chat_burst = chat_burst
        self._chat_period_s = chat_period_s
        self._chats: OrderedDict[int | str, _Chat] = OrderedDict()
        self._most_chats = chats
        self._longest_pause_s = longest_pause_s
        self._shared: SharedPace | None = None
        self._telling: set[asyncio.Task[None]] = set()
        self._resume_at = 0.0

    def share(self, shared: SharedPace) -> None:
        """Keep to the same limit together with the other processes that speak for the bot."""
        self._shared = shared

    @property
    def remembered_chats(self) -> int:
        """How many chats have a limit in memory."""
        return len(self._chats)

    def pause(self, seconds: float) -> None:
        """Hold all messages and edits of the bot back for so long. A pause is never shortened."""
        seconds = min(seconds, self._longest_pause_s)
        self._resume_at = max(self._resume_at, asyncio.get_running_loop().time() + seconds)
        if self._shared is not None:
            task = asyncio.create_task(self._shared.pause(seconds))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    def paused_for(self) -> float:
        """Seconds left of the pause; 0 when there is none."""
        return max(0.0, self._resume_at - asyncio.get_running_loop().time())

    async def turn(self, method: Method, deadline: float, *, apart: bool = False) -> None:
        """Wait until the call may be made.

        `deadline` is a time of the running loop. Raises NotSent when the turn doesn't come by then; a
        pause that ends later raises at once rather than after a vain wait. `apart`: a message keeps the
        chat's period from the one before, instead of going in a burst.
        """
        if not is_message(method) and not is_edit(method):
            return
        name = method.__api_method__
        try:
            async with asyncio.timeout_at(deadline):
                chat = chat_of(method)
                if is_message(method) and chat is not None:
                    await self._turn_in(self._chat(chat), name, deadline, apart=apart)
                    await self._turn_among_all(name, deadline, chat)
                await self._pause_over(name, deadline)
                await self._bot.acquire()
                while self.paused_for():  # it began while this call waited for its turn
                    await self._pause_over(name, deadline)
                    await self._bot.acquire()
                await self._turn_among_all(name, deadline)
        except TimeoutError:
            raise NotSent(name, self.paused_for() or None) from None

    async def _turn_in(self, chat: _Chat, name: str, deadline: float, *, apart: bool) -> None:
        now = asyncio.get_running_loop().time()
        if apart:
            starts = max(now, chat.free_at)
            if starts >= deadline:
                raise NotSent(name, starts - now, in_chat=True)
            chat.free_at = starts + self._chat_period_s
            await asyncio.sleep(starts - now)
        await chat.limit.acquire()
        chat.free_at = max(chat.free_at, asyncio.get_running_loop().time() + self._chat_period_s)

    async def _turn_among_all(self, name: str, deadline: float, chat: int | str | None = None) -> None:
        if self._shared is None:
            return
        left = deadline - asyncio.get_running_loop().time()
        wait, is_ours = await self._shared.turn(left, chat)
        if not is_ours:
            raise NotSent(name, wait, in_chat=chat is not None)
        await asyncio.sleep(wait)

    async def _pause_over(self, name: str, deadline: float) -> None:
        while left := self.paused_for():
            if self._resume_at >= deadline:
                raise NotSent(name, left)
            await asyncio.sleep(left)

    def _chat(self, number: int | str) -> _Chat:
        chat = self._chats.get(number)
        if chat is None:
            chat = _Chat(AsyncLimiter(self._chat_burst, self._chat_burst * self._chat_period_s))
            self._chats[number] = chat
            if len(self._chats) > self._most_chats:
                self._chats.popitem(last=False)
        self._chats.move_to_end(number)
        return chat
