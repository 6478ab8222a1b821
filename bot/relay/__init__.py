"""The relay: takes what the outbox holds and tells it, by Telegram or SMS."""

from bot.relay.loop import Relay

__all__ = ["Relay"]
