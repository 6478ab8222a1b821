"""Faults on order: what a network and a tired server do to those who call them."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

Where = Literal["bot", "sms", "file"]
Kind = Literal[
    "400",
    "401",
    "403",
    "404",
    "409",
    "429",
    "500",
    "502_page",
    "garbage",
    "garbage_after",
    "reset_before",
    "reset_after",
    "hang",
    "hang_after",
    "slow",
    "no_money",
    "reject",
]
KINDS = frozenset(get_args(Kind))
AFTER = frozenset({"reset_after", "hang_after", "garbage_after", "slow"})


@dataclass
class Fault:
    """What strikes which calls.

    `where`: the Bot API, the SMS gateway or file downloads. `method`: a Bot API method or a gateway path such as
    "sms/send"; None strikes all but those in `spare`. `bot`: a username or id; None strikes all. `times`: how
    often (None: until cleared). `skip`: how many matching calls pass first. `retry_after`: seconds, for 429.
    `seconds`: how long "slow" and the hangs last; a hang with 0 lasts until the faults are cleared or the
    simulator stops. Hangs end in a dropped connection. Kinds that end in "_after", and "slow", do the work and
    then spoil the answer.
    """

    where: Where = "bot"
    method: str | None = None
    bot: int | str | None = None
    kind: Kind = "500"
    times: int | None = None
    retry_after: int = 1
    probability: float = 1.0
    seed: int | None = None
    seconds: float = 0.0
    description: str | None = None
    skip: int = 0
    spare: Sequence[str] = ()
    struck: int = 0
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault of the kind {self.kind!r}")
        self._random = random.Random(self.seed)  # noqa: S311 — repeatable, not secret

    @property
    def works_first(self) -> bool:
        """Whether the call's work is done before its answer is spoilt."""
        return self.kind in AFTER

    def matches(self, where: str, method: str, bots: Sequence[int | str]) -> bool:
        """Whether a call of that method to the bot with those names is of the kind struck."""
        if self.where != where or (self.bot is not None and self.bot not in bots):
            return False
        if self.method is None:
            return method.lower() not in {name.lower() for name in self.spare}
        return self.method.lower() == method.lower()

    def strikes(self) -> bool:
        """Whether it strikes now; counts."""
        if self.times is not None and self.struck >= self.times:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.probability < 1 and self._random.random() >= self.probability:
            return False
        self.struck += 1
        return True


class Faults:
    """The faults in force, first added first asked."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._cleared = asyncio.Event()

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force and return it: its `struck` counts what it has done."""
        self._faults.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Take one fault out of force."""
        self._faults.remove(fault)

    def clear(self) -> None:
        """Take all faults out of force and drop the connections that hang."""
        self._faults.clear()
        self._cleared.set()
        self._cleared = asyncio.Event()

    def take(self, where: Where, method: str, bots: Sequence[int | str] = ()) -> Fault | None:
        """The fault that strikes this call, if any."""
        for fault in self._faults:
            if fault.matches(where, method, bots) and fault.strikes():
                return fault
        return None

    async def hang(self, seconds: float) -> None:
        """Wait that long, or with 0 until the faults are cleared."""
        cleared = self._cleared
        try:
            async with asyncio.timeout(seconds or None):
                await cleared.wait()
        except TimeoutError:
            return
