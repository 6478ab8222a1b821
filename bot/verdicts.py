"""What an error of handling means: the poller's judgement, and the database's own."""

from bot.polling.verdict import Verdict
from bot.polling.verdict import judge as judge_call
from core.store.transactions import is_waited_for


def judge(error: BaseException) -> Verdict:
    """STORAGE for a database that is away, busy, full or read-only: the update waits as long as it takes."""
    if is_waited_for(error):
        return Verdict.STORAGE
    return judge_call(error)
