"""The real server's flood control, when asked for: so many messages a second for a bot and for a chat."""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from .errors import too_many_requests

SENDING = frozenset(
    {
        "sendmessage",
        "sendphoto",
        "senddocument",
        "copymessage",
        "forwardmessage",
        "editmessagetext",
        "editmessagecaption",
        "editmessagemedia",
        "editmessagereplymarkup",
    }
)


@dataclass
class FloodLimit:
    """Messages a second per bot, and a burst and then one a second per chat. Off until `enabled`.

    `retry_after` is what a bot that goes beyond is told, in seconds; `clock` gives seconds that only go on.
    """

    enabled: bool = False
    per_second: int = 30
    chat_burst: int = 5
    retry_after: int = 1
    clock: Callable[[], float] = time.monotonic
    _sent: dict[int, deque[float]] = field(default_factory=dict)
    _chats: dict[tuple[int, int], tuple[float, float]] = field(default_factory=dict)

    def check(self, bot_id: int, chat_id: int) -> None:
        """Count a message. Raises ApiError 429 where it is one too many."""
        if not self.enabled:
            return
        now = self.clock()
        sent = self._sent.setdefault(bot_id, deque())
        while sent and sent[0] <= now - 1:
            sent.popleft()
        tokens, before = self._chats.get((bot_id, chat_id), (float(self.chat_burst), now))
        tokens = min(self.chat_burst, tokens + now - before)
        if len(sent) >= self.per_second or tokens < 1:
            raise too_many_requests(max(1, math.ceil(self.retry_after)))
        sent.append(now)
        self._chats[bot_id, chat_id] = (tokens - 1, now)
