"""Whom a campaign is for: the conditions of a draft's segment, and what can be chosen in them now."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.actors import StaffActor
from core.campaign_views import CampaignView, draft_for, row_for, view_of
from core.deps import Deps
from core.domain.errors import InvalidSetting
from core.domain.people import Right, Role
from core.domain.segments import CLASSES, NOBODYS, Rfm, from_json, money_bounds, to_json, with_condition
from core.preferences import LANGUAGES
from core.store import branches, campaigns, categories, programmes
from core.store import segments as store
from core.store.transactions import run_in_transaction


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a condition that can be chosen: ``key`` names it in a button."""

    key: int
    value: Any
    name: str


@dataclass(frozen=True, slots=True)
class Segments:
    """Changing a draft's conditions; each gives the draft with the count of those it would reach now."""

    deps: Deps

    async def set_condition(self, actor: StaffActor, campaign_id: int, name: str, value: Any) -> CampaignView:
        """Set a condition of a draft's segment (None leaves it out).

        Raises CampaignUnknown, CampaignBegun, InvalidSetting.
        """

        async def work() -> None:
            row = await draft_for(actor, campaign_id)
            segment = with_condition(from_json(row.segment), name, value)
            await campaigns.update(campaign_id, segment=to_json(segment))

        await run_in_transaction(work)
        return await self._look(actor, campaign_id)

    async def toggle(self, actor: StaffActor, campaign_id: int, name: str, key: int) -> CampaignView:
        """Add a choice to a condition, or take it out. A choice that is no more changes nothing."""
        found = next((each.value for each in await self.choices(actor, name) if each.key == key), None)
        if found is not None:
            row = await row_for(actor, campaign_id)
            chosen = getattr(from_json(row.segment), name)
            less = tuple(each for each in chosen if each != found)
            return await self.set_condition(
                actor, campaign_id, name, less if found in chosen else (*chosen, found)
            )
        return await self._look(actor, campaign_id)

    async def toggle_score(self, actor: StaffActor, campaign_id: int, part: str, score: int) -> CampaignView:
        """Add a score to a part of the RFM condition, or take it out; the bounds of money are of this moment.

        Raises InvalidSetting, and as ``set_condition`` does.
        """
        if part not in ("recency", "frequency", "money") or score not in (1, 2, 3):
            raise InvalidSetting(name="rfm", low=1, high=3)
        row = await row_for(actor, campaign_id)
        rfm = from_json(row.segment).rfm or Rfm(much=money_bounds(*await store.bought_by_all()))
        had: tuple[int, ...] = getattr(rfm, part)
        scores = tuple(each for each in had if each != score) if score in had else (*had, score)
        changes: dict[str, Any] = {part: tuple(sorted(scores, reverse=True))}
        return await self.set_condition(actor, campaign_id, "rfm", replace(rfm, **changes))

    async def _look(self, actor: StaffActor, campaign_id: int) -> CampaignView:
        return await view_of(await row_for(actor, campaign_id), self.deps.clock.now())

    async def choices(self, actor: StaffActor, name: str) -> list[Choice]:
        """What can be chosen in a condition now."""
        actor.require(Right.MANAGE)
        if name == "branches":
            if actor.role is not Role.OWNER:
                return []
            return [Choice(row["id"], row["id"], row["name"]) for row in await branches.open_branches()]
        if name == "birthday_months":
            return [Choice(month, month, str(month)) for month in range(1, 13)]
        values: Mapping[str, Any] = {
            "levels": [level.name for level in (await programmes.in_force()).programme.levels] + [NOBODYS],
            "classes": CLASSES,
            "categories": await categories.known() if name == "categories" else [],
            "languages": LANGUAGES,
        }
        return [Choice(_key_of(each), each, each) for each in values.get(name, ())]


def _key_of(name: str) -> int:
    """A button's number for a name: the same wherever the name stands in its list."""
    return zlib.crc32(name.encode())
