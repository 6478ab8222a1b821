"""A pytest plugin: a test that hangs fails with the tasks it was waiting for, where they stood."""

import asyncio
import gc
from collections.abc import Generator, Iterator
from inspect import isasyncgen, iscoroutine
from types import FrameType
from typing import Any

import pytest

_SAID_BY_TIMEOUT = "Timeout (>"
"""How pytest-timeout begins what it fails a test with. It shows the threads' stacks, where a loop merely waits."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add every unfinished task's stack to the report of a test that took too long."""
    report = yield
    if call.excinfo is not None and _SAID_BY_TIMEOUT in str(call.excinfo.value):
        report.sections.append((f"Unfinished tasks of {item.name}", unfinished_tasks()))
    return report


def unfinished_tasks() -> str:
    """Where all unfinished tasks of this process stand, the innermost call last. (Task.print_stack tells only of
    the outermost.)"""
    tasks = [each for each in gc.get_objects() if isinstance(each, asyncio.Task) and not each.done()]
    return "\n".join(line for task in tasks for line in (task.get_name(), *_calls(task.get_coro())))


def _calls(awaited: object) -> Iterator[str]:
    """What is awaited, in it what that awaits, and so on: coroutines, generators, and asynchronous generators."""
    while awaited is not None:
        # Asking for a generator's next value is an object of its own, which only the collector can look into.
        if not iscoroutine(awaited):
            awaited = next(filter(isasyncgen, gc.get_referents(awaited)), awaited)
        kind = next((each for each in ("cr", "gi", "ag") if hasattr(awaited, f"{each}_frame")), None)
        if kind is None:
            yield f"  {awaited!r}"
            return
        frame: FrameType | None = getattr(awaited, f"{kind}_frame")
        if frame is not None:
            yield f"  {frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_qualname}"
        awaited = getattr(awaited, "gi_yieldfrom" if kind == "gi" else f"{kind}_await")
