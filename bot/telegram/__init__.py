"""The way to Telegram: one paced, retrying session per bot, and what became of each send."""

from bot.telegram.api import build_bot
from bot.telegram.delivery import Delivery, single_try
from bot.telegram.files import DownloadFailed, FileTooBig, download_file
from bot.telegram.outcome import NotSent, Outcome, OutcomeUnknown, classify
from bot.telegram.pace import Pace, SharedPace
from bot.telegram.safe import mask, safe_text, where

__all__ = [
    "Delivery",
    "DownloadFailed",
    "FileTooBig",
    "NotSent",
    "Outcome",
    "OutcomeUnknown",
    "Pace",
    "SharedPace",
    "build_bot",
    "classify",
    "download_file",
    "mask",
    "safe_text",
    "single_try",
    "where",
]
