"""What an error of handling means: the poller's judgement, and the database's own."""

import asyncpg
from tortoise.exceptions import OperationalError

from bot.polling.verdict import Verdict
from bot.polling.verdict import judge as judge_call
from core.store.transactions import StoreUnavailable, is_passing

__all__ = ["judge"]


def judge(error: BaseException) -> Verdict:
    """STORAGE for a database that is away or busy: the update waits as long as it takes."""
    if isinstance(error, StoreUnavailable) or is_database(error):
        return Verdict.STORAGE
    return judge_call(error)


def is_database(error: BaseException) -> bool:
    """Whether it came from the database's side, and passes."""
    if isinstance(error, OSError) and not isinstance(error, asyncpg.InterfaceError):
        return False
    kinds = (OperationalError, asyncpg.PostgresError, asyncpg.InterfaceError)
    return isinstance(error, kinds) and is_passing(error)
