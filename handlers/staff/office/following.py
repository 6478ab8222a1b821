"""Saving levels and rules: the change itself, and the progress of what it sets going. Imports no area."""

from collections.abc import Mapping
from typing import Any

from core.boards import Board
from core.domain.amounts import parse_hundredths
from core.domain.errors import InvalidAmount
from core.domain.money import BASIS, MAX_MONEY
from handlers.staff.desk import Desk
from handlers.ui import Screen

MOST_VISITS = 100_000


async def board_of(desk: Desk) -> Board:
    """The merchant's settings with the version that they are of."""
    return await desk.core.boards.board(desk.actor, None)


async def save(desk: Desk, changes: Mapping[str, Any], seen: int) -> None:
    """Save a change of what was shown at version ``seen``. Raises what the core refuses."""
    await desk.core.programmes.change(changes, by=desk.actor, seen=seen)
    await desk.open(None)


async def show_progress(desk: Desk) -> None:
    """Follow the recomputing of everybody in a message of its own, if the change began one."""
    begun = await desk.core.standings.begun_by(desk.actor)
    if begun is None:
        return
    shown = await desk.add(
        Screen(desk.ui.text("notice/recomputed", state="queued", done=0, total=0, superseded=False))
    )
    await desk.core.standings.show_on(begun, shown.chat.id, shown.message_id)


def parse_percent(text: str, *, low: int = 0) -> int:
    """``7``, ``7,5`` or ``7.5 %`` in basis points. Raises InvalidAmount with the bounds."""
    return parse_hundredths(text.strip().removesuffix("%"), low=low, high=BASIS)


def parse_threshold(text: str, *, money: bool) -> int:
    """A sum in minor units, or a number of visits or days. Raises InvalidAmount with the bounds."""
    if money:
        return parse_hundredths(text, low=0, high=MAX_MONEY)
    return parse_count(text, low=0, high=MOST_VISITS)


def parse_count(text: str, *, low: int, high: int) -> int:
    """A whole number. Raises InvalidAmount with the bounds, in hundredths as its template takes them."""
    value = parse_hundredths(text, low=low * 100, high=high * 100)
    if value % 100:
        raise InvalidAmount(reason="format", low=low * 100, high=high * 100)
    return value // 100
