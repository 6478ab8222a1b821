"""Ending tasks so that they do end."""

import asyncio
from typing import Any

_AGAIN_S = 0.2


async def end(*tasks: asyncio.Future[Any]) -> None:
    """Cancel tasks and wait until they have ended.

    Who insists on something may take being cancelled for one more failure: closing a connection that breaks just
    then raises an error of its own instead. So whoever doesn't end is asked again.
    """
    while running := {task for task in tasks if not task.done()}:
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=_AGAIN_S)
