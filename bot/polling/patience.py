"""How long the polling waits for what."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.telegram.backoff import Backoff


@dataclass(frozen=True)
class Patience:
    """Times in seconds.

    - `long_poll_s`, `margin_s`: how long Telegram holds a request for updates, and how much longer an
      answer may take before the request counts as hung;
    - `handle_s`: the longest time for one try of an update;
    - `hold_s`: how long an update may fail for reasons of the infrastructure, holding up the confirmation
      of those after it, before it is parked (never, while it is the database that fails);
    - `tell_after_s`: after what time of failing the person hears of it;
    - `poison_tries`: tries of an update that fails for reasons of its own;
    - `fetching`, `retrying`: waits between failed requests for updates, and between tries of an update;
    - `repoll_s`: the shortest and longest wait before asking again while updates are in work. Telegram
      answers at once then, with those it knows to be unconfirmed;
    - `rewarn_s`: a trouble that lasts or returns is reported again after this time;
    - `passed_s`: the clock by which `hold_s`, `tell_after_s` and `rewarn_s` are measured.
    """

    long_poll_s: int = 25
    margin_s: int = 10
    handle_s: float = 60.0
    hold_s: float = 120.0
    tell_after_s: float = 5.0
    poison_tries: int = 3
    fetching: Backoff = field(default_factory=lambda: Backoff(first_s=0.5, cap_s=5.0))
    retrying: Backoff = field(default_factory=lambda: Backoff(first_s=0.2, cap_s=5.0))
    repoll_s: tuple[float, float] = (0.05, 1.0)
    rewarn_s: float = 600.0
    passed_s: Callable[[], float] = time.monotonic
