"""Every call of the Bot API, as tests judge it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .people import Json

KEPT = 200_000


@dataclass
class Call:
    """One call. `at` and `ended` are monotonic seconds; `error` is (code, description).

    `fault` names the fault that struck. `result` is None for a call that failed or whose work was not done.
    """

    number: int
    at: float
    bot: str
    method: str
    params: Json
    result: Any = None
    error: tuple[int, str] | None = None
    fault: str | None = None
    ended: float | None = None

    def to_json(self) -> Json:
        """A JSON object of all fields."""
        return dict(vars(self))


class Journal:
    """Calls in the order of their arrival. The oldest are dropped beyond KEPT."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._count = 0

    def open(self, at: float, bot: str, method: str, params: Json) -> Call:
        """Note a call that has just arrived."""
        self._count += 1
        call = Call(self._count, at, bot, method, params)
        self._calls.append(call)
        if len(self._calls) > KEPT:
            del self._calls[: KEPT // 2]
        return call

    def calls(self, method: str | None = None, bot: str | None = None, *, after: int = 0) -> list[Call]:
        """Calls of that method to that bot (its username), numbered above `after`."""
        return [
            call
            for call in self._calls
            if call.number > after
            and (method is None or call.method.lower() == method.lower())
            and (bot is None or call.bot == bot)
        ]

    def clear(self) -> None:
        """Forget all; numbers go on."""
        self._calls.clear()

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(list(self._calls))

    def __getitem__(self, index: int) -> Call:
        return self._calls[index]
