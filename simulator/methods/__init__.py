"""The Bot API's methods. Importing this package registers them all."""

from . import callbacks, chats, editing, files, polling, profile, removing, sending
from .registry import METHODS, Request

__all__ = [
    "METHODS",
    "Request",
    "callbacks",
    "chats",
    "editing",
    "files",
    "polling",
    "profile",
    "removing",
    "sending",
]
