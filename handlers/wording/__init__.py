"""The merchant's own words for what customers are told: fields in braces, checked, and rendered in a sandbox."""

from handlers.wording.catalogue import CHANNELS, Catalogue, Field, Told, read_catalogue
from handlers.wording.own import Filters, OwnTexts, Problem
from handlers.wording.tags import from_telegram

__all__ = [
    "CHANNELS",
    "Catalogue",
    "Field",
    "Filters",
    "OwnTexts",
    "Problem",
    "Told",
    "from_telegram",
    "read_catalogue",
]
