"""Handlers' plain filters asked in place.

aiogram runs each filter that is no coroutine in a thread of its own: an update that passes ten of them pays for
ten hops. The product's filters look at a text or at a type and never wait, so a hop costs more than they do.
"""

from collections.abc import Callable, Iterator
from typing import Any

from aiogram import Router
from aiogram.dispatcher.event.handler import FilterObject


def ask_in_place(router: Router) -> None:
    """Make the plain filters of a router's handlers, and of all routers below it, run in the event loop."""
    for each in router.chain_tail:
        for observer in each.observers.values():
            for handler in observer.handlers:
                for found in _all_of(handler.filters or []):
                    if not found.awaitable:
                        found.callback, found.awaitable = _in_place(found.callback), True


def _all_of(filters: list[FilterObject] | tuple[FilterObject, ...]) -> Iterator[FilterObject]:
    """The filters with those that ``or_f``, ``and_f`` and ``~`` put together."""
    for each in filters:
        yield each
        yield from _all_of(getattr(each.callback, "targets", ()))
        if isinstance(inner := getattr(each.callback, "target", None), FilterObject):
            yield from _all_of([inner])


def _in_place(plain: Callable[..., Any]) -> Callable[..., Any]:
    async def asked(*args: Any, **kwargs: Any) -> Any:
        return plain(*args, **kwargs)

    return asked
