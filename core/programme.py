"""The merchant's settings: starting a new database, reading what is in force, changing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.deps import Deps
from core.domain.programme import Programme, refuse_merchants_own, to_json, with_changes
from core.store import audit, programmes, staff
from core.store.transactions import run_in_transaction


@dataclass(frozen=True, slots=True)
class Programmes:
    """Programme versions."""

    deps: Deps

    async def start(self, branch_name: str) -> None:
        """Give a new database its first branch and default settings; a started one is left alone."""

        async def work() -> None:
            await programmes.queue_up()
            if await programmes.is_started():
                return
            now = self.deps.clock.now()
            await staff.add_branch(branch_name, self.deps.time_zone, now)
            await programmes.add_version(to_json(Programme()), branch_id=None, author_id=None, now=now)

        await run_in_transaction(work)

    async def current(self, branch_id: int | None = None) -> Programme:
        """What is in force in a branch, or for the merchant."""
        return (await programmes.in_force(branch_id)).programme

    async def change(self, changes: Mapping[str, Any], *, branch_id: int | None = None) -> Programme:
        """Change settings from the command line; later quotes use them at once.

        Raises InvalidSetting, for a branch also when the setting is the merchant's alone.
        """
        if branch_id is not None:
            refuse_merchants_own(changes)

        async def work() -> Programme:
            await programmes.queue_up()
            now = self.deps.clock.now()
            before = (await programmes.in_force(branch_id)).programme
            after = with_changes(before, changes)
            if branch_id is None:
                settings = to_json(after)
            else:
                settings = await programmes.branch_settings(branch_id) | dict(changes)
            version = await programmes.add_version(settings, branch_id=branch_id, author_id=None, now=now)
            was = to_json(before)
            await audit.note(
                "programme.changed",
                "programme_version",
                version,
                actor_kind="command",
                actor_id=None,
                now=now,
                before={name: was[name] for name in changes},
                after=dict(changes),
            )
            return after

        return await run_in_transaction(work)
