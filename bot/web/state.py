"""Where a process is between its start and its end."""

from dataclasses import dataclass


@dataclass(slots=True)
class State:
    """``named``: the bots know what they are called, so that updates can be handled; ``stopping``: no more."""

    named: bool = False
    stopping: bool = False
