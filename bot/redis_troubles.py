"""What goes wrong with a Redis that is away, slow or silent. It is comfort: who meets that says so and goes on."""

from redis.exceptions import RedisError

TROUBLES = (RedisError, OSError, TimeoutError, RuntimeError)
"""To be caught, and then shown to ``must_be_redis``."""
_CUT = "the handler is closed"


def must_be_redis(error: BaseException) -> None:
    """Raise what is no trouble of Redis.

    Where a connection was cut just before a command is written to it, asyncio's own loop says nothing and uvloop
    raises a RuntimeError; the client lets it through, having dropped the connection.
    """
    if isinstance(error, RuntimeError) and _CUT not in str(error):
        raise error
