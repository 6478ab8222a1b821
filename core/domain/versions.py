"""What a version of the settings changed against the one before it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.programme import Programme, to_json
from core.domain.settings import specs


@dataclass(frozen=True, slots=True)
class Changed:
    """One setting in a version, values as plain JSON.

    In a branch it may have followed the whole network's value before, or do so afterwards.
    """

    name: str
    before: Any
    after: Any
    followed_before: bool = False
    follows_after: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """Who changed what and when. Without ``author`` it was the command line, without ``branch_name`` for all."""

    id: int
    at: datetime
    author: str | None
    branch_name: str | None
    is_first: bool
    changes: tuple[Changed, ...]


def changes_between(
    before: Mapping[str, Any], after: Mapping[str, Any], *, of_branch: bool
) -> tuple[Changed, ...]:
    """The settings that differ between two stored versions, in the order of their declaration.

    A setting that a newer release added is missing in older versions of the merchant: it stood at its default.
    """
    defaults = {} if of_branch else to_json(Programme())
    found = []
    for name in specs(Programme):
        changed = Changed(
            name,
            before.get(name, defaults.get(name)),
            after.get(name, defaults.get(name)),
            of_branch and name not in before,
            of_branch and name not in after,
        )
        if changed.before != changed.after or changed.followed_before is not changed.follows_after:
            found.append(changed)
    return tuple(found)
