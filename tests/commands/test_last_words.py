"""What a process says that an unforeseen error ends: where it was, and nothing of people."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import set_up_logs


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    handlers = logging.root.handlers[:]
    set_up_logs("info")
    yield written
    logging.root.handlers[:] = handlers
    structlog.reset_defaults()


def _fail() -> None:
    raise ValueError("planted: Key (phone)=(79160000001) already exists")


def test_the_place_is_told_and_no_words(log: io.StringIO) -> None:
    try:
        _fail()
    except ValueError as error:
        group = BaseExceptionGroup("planted", [error, BaseExceptionGroup("planted", [KeyError("planted")])])
    sys.excepthook(type(group), group, None)
    said = json.loads(log.getvalue())
    assert (said["event"], said["level"]) == ("process_failed", "critical")
    assert [each.partition(" ")[0] for each in said["errors"]] == ["ValueError", "KeyError"]
    assert "_fail" in said["errors"][0]
    assert "planted" not in log.getvalue()


def test_an_interrupt_is_as_always(log: io.StringIO) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert "process_failed" not in log.getvalue()
