"""Growing waits between tries."""

from dataclasses import dataclass
from random import SystemRandom

_random = SystemRandom()


@dataclass(frozen=True)
class Backoff:
    """Waits that double from `first_s` to `cap_s` seconds, each shortened by up to half at random.

    The jitter keeps several waiters from coming back in step.
    """

    first_s: float = 0.5
    cap_s: float = 30.0

    def delay(self, tries: int) -> float:
        """Seconds to wait after `tries` (1 or more) failures in a row."""
        full = min(self.cap_s, self.first_s * 2.0 ** min(tries - 1, 30))
        return full * _random.uniform(0.5, 1.0)
