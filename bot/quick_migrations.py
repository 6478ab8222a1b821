"""Tortoise's migrations without what additive ones never look at: a tenth of the time.

Before each operation Tortoise copies every model as it was, for operations that have to look back, and makes
queries for all of them, for functions that use models. Migrations here only add tables and columns and run SQL
(tests/migrations holds them to it), so nothing reads either.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.schema_generator.state_apps import StateApps


@contextmanager
def quick_migrations() -> Iterator[None]:
    """While this is open, migrations may only add."""
    clone, build = State.clone, StateApps._build_initial_querysets
    State.clone = _itself  # type: ignore[assignment, method-assign]
    StateApps._build_initial_querysets = _nothing  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        State.clone = clone  # type: ignore[method-assign]
        StateApps._build_initial_querysets = build  # type: ignore[method-assign]


def _itself(state: State) -> State:
    return state


def _nothing(apps: StateApps) -> None:
    return None
