"""One lane of the relay: messages of one queue, claimed in small portions and sent side by side.

Each way has two lanes, for what one person waits for and for what is told to many: a code never stands behind a
campaign, whatever that one's messages wait for.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Protocol

import structlog

from bot.ending import end
from bot.telegram import safe_text
from core.domain.campaigns import CampaignUnknown
from core.domain.errors import PurchaseUnknown
from core.domain.topics import topic_of
from core.ports import Clock
from core.store import claims, outcomes, tellings
from core.store.claims import Claimed
from core.store.transactions import is_waited_for, run_in_transaction
from core.telling_gate import Gate, gate

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

SENDING_LEASE = timedelta(seconds=90)
GONE = (PurchaseUnknown, CampaignUnknown)
UNWORDED_FOR, UNWORDED_TRIES = timedelta(seconds=2), 3
PORTION_S = 0.2
"""A busy lane claims for what became free in so many seconds, rather than for each message that left."""
_claims = count()
"""Of all lanes of this process."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What a lane takes: a channel and bot, the urgent or the bulk, ``slots`` messages at once.

    ``paused_for``: seconds for which nothing may be sent, as Telegram has asked for it.
    """

    channel: str
    bot: str | None
    bulk: bool
    slots: int
    deliver: Callable[[Claimed], Awaitable[None]]
    paused_for: Callable[[], float] = lambda: 0.0


class Leader(Protocol):
    """What a lane asks its relay."""

    @property
    def may_claim(self) -> bool:
        """Whether this relay leads and isn't about to end."""

    @property
    def is_ending(self) -> bool:
        """Whether a stop was requested."""

    async def rest(self, seconds: float) -> None:
        """Wait so long, or until something is written to the outbox."""

    def survive(self, event: str, error: Exception, **more: object) -> None:
        """Log what is waited out."""


class Lane:
    """Sends one queue until its relay ends."""

    def __init__(self, queue: Queue, leader: Leader, worker: str, clock: Clock, idle_s: float) -> None:
        self._queue = queue
        self._leader = leader
        self._worker = worker
        self._clock = clock
        self._idle_s = idle_s
        self._at_work: set[asyncio.Task[None]] = set()
        self._lost_claim: str | None = None

    async def run(self) -> None:
        """Claim and send; what is being sent at the end is sent to its end, unless this is cut off itself."""
        try:
            while not self._leader.is_ending:
                free = self._queue.slots - len(self._at_work)
                taken = await self._take(free) if free > 0 else []
                if len(taken) == free:
                    await self._room()
                else:
                    await self._leader.rest(self._queue.paused_for() or self._idle_s)
            if self._at_work:
                await asyncio.wait(self._at_work)
        finally:  # nobody is left to hear of them, and the database may be closed next
            await end(*self._at_work)

    async def _take(self, free: int) -> list[Claimed]:
        """Claim up to so many, and begin with those that may go."""
        taken: list[Claimed] = []
        try:
            await self._give_back()
            if self._leader.may_claim and not self._queue.paused_for():
                # Its own name each time: nobody takes what was claimed anew for what they had before.
                self._lost_claim = f"{self._worker}/{next(_claims) % 0x100000:x}"
                taken = await claims.claim(
                    self._queue.channel,
                    self._queue.bot,
                    worker=self._lost_claim,
                    now=self._clock.now(),
                    lease=SENDING_LEASE,
                    limit=free,
                    bulk=self._queue.bulk,
                )
                for message in await admitted(taken, self._clock):
                    self._begin(message)
                self._lost_claim = None
        except Exception as error:
            self._leader.survive("relay_claim_failed", error, channel=self._queue.channel)
            return []
        return taken

    async def _give_back(self) -> None:
        """What a claim took whose answer was lost, or that came to nothing, was never sent."""
        if self._lost_claim is not None:
            await claims.unclaim(self._lost_claim)
            self._lost_claim = None

    def _begin(self, message: Claimed) -> None:
        task = asyncio.create_task(self._deliver(message))
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    async def _deliver(self, message: Claimed) -> None:
        # What fails here stays leased, and is seen to when the lease has run out.
        try:
            await self._queue.deliver(message)
        except Exception as error:
            self._leader.survive("relay_delivery_failed", error, channel=self._queue.channel)

    async def _room(self) -> None:
        """Wait until half of the lane is free, or a moment long for any room at all."""
        try:
            async with asyncio.timeout(PORTION_S):
                while len(self._at_work) > self._queue.slots // 2:
                    await asyncio.wait(self._at_work, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            if len(self._at_work) == self._queue.slots:
                await asyncio.wait(self._at_work, timeout=self._idle_s, return_when=asyncio.FIRST_COMPLETED)


async def admitted(messages: Sequence[Claimed], clock: Clock) -> list[Claimed]:
    """Of what was claimed, what may go now; the rest is settled or put back."""

    async def ask() -> Gate:
        return await gate(messages, clock.now())

    # What is counted against a cap is counted by one after the other.
    counts = any(topic_of(each.topic).marketing for each in messages)
    found = await (run_in_transaction(ask) if counts else ask())
    for each in messages:
        if each.id in found.refused:
            await outcomes.settle(each, "suppressed", now=clock.now(), reason=found.refused[each.id])
            if topic_of(each.topic).marketing and found.refused[each.id] != "cap":
                await uncount(each)  # it was let through before, and came back unsent
        elif each.id in found.later:
            await outcomes.postpone(each, found.later[each.id], reason=each.reason, uncounted=True)
    going = (each for each in messages if each.id not in found.refused and each.id not in found.later)
    return [found.moved.get(each.id, each) for each in going]


async def put_aside(message: Claimed, error: Exception, clock: Clock) -> bool:
    """Its words could not be made, so nothing has left: whether it is given up. What the database does is waited
    out; what is no more is no news; anything else is tried again, then a fault to be seen in nobody's way."""
    now = clock.now()
    if isinstance(error, GONE):
        await outcomes.settle(message, "suppressed", now=now, reason="gone")
        return False
    if is_waited_for(error):
        await outcomes.postpone(message, now + UNWORDED_FOR, reason=message.reason, uncounted=True)
        return False
    if message.tries < UNWORDED_TRIES:
        log.warning("message_not_worded_yet", message=message.id, error=safe_text(error))
        await outcomes.postpone(message, now + UNWORDED_FOR * 5, reason=message.reason)
        return False
    log.error("message_not_worded", message=message.id, template=message.template, error=safe_text(error))
    await outcomes.settle(message, "failed", now=now, reason="not_worded")
    await uncount(message)
    return True


async def uncount(message: Claimed) -> None:
    """A marketing message that surely reached nobody doesn't use up the cap."""
    await tellings.uncount_marketing([message.id])
