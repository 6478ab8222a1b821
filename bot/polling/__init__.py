"""Getting updates from Telegram so that none is lost: an update is confirmed only after it is done."""

from bot.polling.fetch import Received, TokenRefused
from bot.polling.parking import UpdateInbox
from bot.polling.patience import Patience
from bot.polling.poller import Counts, Poller
from bot.polling.verdict import Verdict, judge

__all__ = ["Counts", "Patience", "Poller", "Received", "TokenRefused", "UpdateInbox", "Verdict", "judge"]
