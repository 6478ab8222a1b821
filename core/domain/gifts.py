"""Gifts: a list priced in points (kind bonus), and every N-th purchase free."""

import zlib
from dataclasses import dataclass

from core.domain.points import MAX_POINTS


@dataclass(frozen=True, slots=True)
class Gift:
    """Something that points are exchanged for at the till; ``points`` in hundredths."""

    title: str
    points: int

    def __post_init__(self) -> None:
        if not 1 <= len(self.title.strip()) <= 64:
            raise ValueError("a gift has a title")
        if type(self.points) is not int or not 1 <= self.points <= MAX_POINTS:
            raise ValueError("a gift has a price in points")


def gift_number(gift: Gift) -> int:
    """What a button says of a gift: the same while its title and price are the same, wherever it stands."""
    return zlib.crc32(f"{gift.points}:{gift.title}".encode())


def is_nth(every: int | None, counted: int) -> bool:
    """Whether the purchase after ``counted`` ones is the free one: with every 10th, the one after nine."""
    return every is not None and counted + 1 >= every


def counted_after(counted: int, *, was_gift: bool) -> int:
    """The counter after a purchase: the free one begins it anew."""
    return 0 if was_gift else counted + 1


def counted_after_refund(counted: int, every: int, *, was_gift: bool) -> int:
    """The counter once a purchase was refunded whole: as if it had never been.

    A refunded gift is due again. Below zero when what was refunded had brought a gift that was kept: the next
    purchases make up for it.
    """
    return counted + every - 1 if was_gift else counted - 1
