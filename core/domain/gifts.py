"""Gifts: a list priced in points (kind bonus), and every N-th purchase free."""

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


def is_nth(every: int | None, counted: int) -> bool:
    """Whether the purchase after ``counted`` ones is the free one: with every 10th, the one after nine."""
    return every is not None and counted + 1 >= every


def counted_after(counted: int, *, was_gift: bool) -> int:
    """The counter after a purchase: the free one begins it anew."""
    return 0 if was_gift else counted + 1
