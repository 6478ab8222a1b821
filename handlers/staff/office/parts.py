"""What the office's areas share: the way back to the menu, and turning pages. Imports no area."""

from collections.abc import Callable

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton

from handlers.callbacks import OnOffice
from handlers.staff.keyboards import button
from handlers.ui import Ui


def to_menu(ui: Ui) -> InlineKeyboardButton:
    """The last button of an area's first screen."""
    return button(ui.label("common.back"), OnOffice(do="menu"))


def back_to(ui: Ui, data: CallbackData) -> InlineKeyboardButton:
    """The last button of any other screen."""
    return button(ui.label("common.back"), data)


def turns(ui: Ui, page: int, pages: int, to: Callable[[int], CallbackData]) -> list[InlineKeyboardButton]:
    """Buttons of the neighbouring pages, counted from 0; none where there is nothing to turn to."""
    ways = (("newer", page - 1), ("older", page + 1))
    return [button(ui.label(f"history.{label}"), to(other)) for label, other in ways if 0 <= other < pages]
