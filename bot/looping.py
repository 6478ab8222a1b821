"""The event loop that commands run on: uvloop, and a garbage collector that looks less often."""

import gc
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

from bot.in_time import ending_in_time

T = TypeVar("T")

_YOUNG = 50_000
"""Objects made between two looks. An update makes thousands that die with it; a look at every 700th (Python's own
number) took a tenth of its time."""


def run(command: Coroutine[Any, Any, T]) -> T:
    """Run a command to its end, as ``asyncio.run`` does; it comes in time where it was asked for."""
    gc.set_threshold(_YOUNG, 20, 20)
    return uvloop.run(ending_in_time(command))
