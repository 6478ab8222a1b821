"""What an area hands over to have long work done, and what its steps are given and give back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from core.store.jobs import JobRow


class JobUnknown(LookupError):
    """There is no such job."""


class JobLost(Exception):
    """The job was cancelled or is another worker's by now: what its step did is taken back."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a step is given: the job's input, where it stands, and what was got ready for the step."""

    job_id: int
    input: dict[str, Any]
    cursor: Any
    done: int
    total: int | None
    author_id: int | None
    ready: Any = None


@dataclass(frozen=True, slots=True)
class Step:
    """What a step came to: where to go on, and how much is done. With ``cursor`` None the job is done.

    ``cursor`` and ``result`` are JSON without personal data.
    """

    cursor: Any
    done: int
    total: int | None = None
    result: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A progress message's template with its data, as the renderer takes them."""

    template: str
    language: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job.

    ``step`` runs in a transaction of its own: only the database, and a second at most, since SQLite has one
    writer. ``get_ready`` runs before it outside of any transaction, for what takes long or needs the network;
    what it returns is the step's ``work.ready``. Both must be safe to run twice. ``tell`` makes the message
    that shows the progress, None for no message now. An error of the programme's rules (LoyaltyError) fails
    the job at once, any other is tried again.
    """

    name: str
    step: Callable[[Work], Awaitable[Step]]
    get_ready: Callable[[Work], Awaitable[Any]] | None = None
    tell: Callable[[JobRow], Told | None] | None = None
