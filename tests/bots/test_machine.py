"""A lease is taken from a dead process at once, and never from one that merely can't be seen from here."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot import machine as module
from bot.machine import machine, name_of_process
from bot.relay.loop import _is_dead


def _number_of_a_dead_process() -> int:
    ended = subprocess.Popen([sys.executable, "-S", "-c", ""])
    ended.wait()
    return ended.pid


def test_a_process_of_this_machine_that_ended_is_dead() -> None:
    here = f"{name_of_process()}:abcd"
    assert _is_dead(f"{machine()}:{_number_of_a_dead_process()}:abcd", here)
    assert not _is_dead(f"{machine()}:{os.getppid()}:abcd", here)


@pytest.mark.parametrize("place", ["_BOOT", "_NUMBERS"])
def test_another_server_or_container_of_the_same_name_is_not_judged(
    place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here = f"{name_of_process()}:abcd"
    (tmp_path / "another").write_text("another")
    monkeypatch.setattr(module, place, tmp_path / "another")
    there = f"{machine()}:{_number_of_a_dead_process()}:abcd"
    assert not _is_dead(there, here)


@pytest.mark.parametrize("linux", [True, False])
def test_names_are_short_and_stay(linux: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.socket, "gethostname", lambda: "a-server-with-a-name-that-is-too-long")
    if not linux:
        monkeypatch.setattr(module, "_BOOT", Path("/nowhere/at/all"))
    assert machine() == machine()
    assert len(machine()) == 24
    assert machine().startswith("a-server-with")
