"""What outlives the simulator: the world's snapshot in one small file, written soon after each change."""

import asyncio
import json
import sys
from pathlib import Path

from .events import ActionShown, Event
from .snapshot import restore, to_json
from .state import State

_PAUSE_S = 0.5
"""How long changes are gathered before they are written."""


class Memory:
    """Keeps a world in a file. A file that can't be read is put aside, never overwritten."""

    def __init__(self, world: State, path: Path) -> None:
        self._world = world
        self._path = path
        self._due: asyncio.TimerHandle | None = None

    def load(self) -> None:
        """Fill the new world with what an earlier run kept."""
        if not self._path.exists():
            return
        try:
            restore(self._world, json.loads(self._path.read_text("utf-8")))
        except (KeyError, TypeError, ValueError) as error:
            aside = self._path.with_name(f"{self._path.name}.damaged")
            self._path.replace(aside)
            sys.stderr.write(f"The simulator's chats can't be read ({error!r}) and were put aside as {aside}.\n")

    def start(self) -> None:
        """Write on changes from now on."""
        self._world.bell.listeners.append(self._on_event)

    def stop(self) -> None:
        """Write the last state, and listen no more."""
        if self._on_event in self._world.bell.listeners:
            self._world.bell.listeners.remove(self._on_event)
            self.save()

    def save(self) -> None:
        """Write the world as it is; the file is there as a whole or not at all."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        self._path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._path.with_name(f"{self._path.name}.unfinished")
        unfinished.write_text(json.dumps(to_json(self._world), ensure_ascii=False), "utf-8")
        unfinished.replace(self._path)

    def _on_event(self, event: Event) -> None:
        if self._due is None and not isinstance(event, ActionShown):
            self._due = asyncio.get_running_loop().call_later(_PAUSE_S, self.save)
