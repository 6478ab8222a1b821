"""What an error of handling means: the poller's judgement, and the database's own."""

from bot.polling.verdict import Verdict
from bot.polling.verdict import judge as judge_call
from core.store.transactions import StoreUnavailable, is_of_database, is_passing


def judge(error: BaseException) -> Verdict:
    """STORAGE for a database that is away or busy: the update waits as long as it takes."""
    if isinstance(error, StoreUnavailable) or (is_of_database(error) and is_passing(error)):
        return Verdict.STORAGE
    return judge_call(error)
