"""Campaigns while they are made: whom they are for, what they say, when they begin.

The owner writes to all customers, a manager to those of the own branch. A draft is a row from its first screen, so
that a restart loses no step of it.
"""

import base64
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.actors import StaffActor
from core.campaign_views import CampaignView, Letter, draft_for, letter_of, row_for, view_of, ways_of
from core.deps import Deps
from core.domain.campaigns import (
    FARTHEST,
    PICTURE_BYTES,
    RESULT_DAYS,
    CampaignBegun,
    CampaignIncomplete,
    CampaignLong,
    CampaignTime,
    State,
    TestersMissing,
    checked,
)
from core.domain.people import Right
from core.domain.reminders import quiet_until
from core.domain.segments import Segment, from_json, to_json
from core.domain.topics import TOPICS, choice
from core.jobs import Jobs
from core.sms_budget import SmsBudget
from core.store import audit, campaigns, outbox, programmes
from core.store.campaigns import CampaignRow
from core.store.segments import PRIME
from core.store.transactions import run_in_transaction
from core.texts import Texts

CAMPAIGN = "campaign"
PAGE = 8
TEMPLATE = "campaign"
_USUAL_DAYS = RESULT_DAYS[2]
_REPEATED = ("body", "photo", "by_sms", "control_share", "button_label", "button_link")
_DRAFTED = frozenset({"body", "by_sms", "control_share", "result_days", "button_label", "button_link"})


@dataclass(frozen=True, slots=True)
class Campaigns:
    """Drafts of campaigns, and letting them begin."""

    deps: Deps
    jobs: Jobs

    async def newest(self, actor: StaffActor, page: int = 0) -> tuple[list[CampaignRow], bool]:
        """A page of the campaigns that the actor may see, newest first, and whether there are more."""
        actor.require(Right.MANAGE)
        rows = await campaigns.newest(actor.only_branch, page * PAGE, PAGE + 1)
        return rows[:PAGE], len(rows) > PAGE

    async def create(self, actor: StaffActor, *, key: str) -> CampaignView:
        """A draft to everybody that the actor may write to: one that the actor began and left as it was, or a new
        one. The same key is the same draft."""
        actor.require(Right.MANAGE)

        async def work() -> int:
            for row in await campaigns.drafts_of(actor.id):
                if row.branch_id == actor.only_branch and _is_untouched(row):
                    return row.id
            return await campaigns.insert(
                branch_id=actor.only_branch,
                author_id=actor.id,
                salt=secrets.randbelow(PRIME),
                result_days=_USUAL_DAYS,
                segment=to_json(Segment()),
                request_key=key,
                now=self.deps.clock.now(),
            )

        return await self.look(actor, await run_in_transaction(work))

    async def repeat(self, actor: StaffActor, campaign_id: int, *, key: str) -> CampaignView:
        """A new draft that says the same to whom it would reach now. Raises CampaignUnknown."""

        async def work() -> int:
            row = await row_for(actor, campaign_id)
            made = await campaigns.insert(
                branch_id=row.branch_id,
                author_id=actor.id,
                salt=secrets.randbelow(PRIME),
                result_days=row.result_days,
                segment=row.segment,
                request_key=key,
                now=self.deps.clock.now(),
            )
            await campaigns.update(made, **{part: getattr(row, part) for part in _REPEATED})
            if row.photo is not None:
                await campaigns.set_picture(made, await campaigns.picture(campaign_id))
            return made

        return await self.look(actor, await run_in_transaction(work))

    async def look(self, actor: StaffActor, campaign_id: int) -> CampaignView:
        """A campaign as it stands; of a draft, how many it would reach now. Raises CampaignUnknown, NotAllowed."""
        row = await row_for(actor, campaign_id)
        return await view_of(row, self.deps.clock.now())

    async def edit(self, actor: StaffActor, campaign_id: int, **changes: Any) -> CampaignView:
        """Change what a draft says. Raises CampaignUnknown, CampaignBegun, CampaignLink, InvalidSetting."""
        if not changes.keys() <= _DRAFTED:
            raise ValueError("no part of a draft")
        await self._change(actor, campaign_id, **checked(changes))
        return await self.look(actor, campaign_id)

    async def set_picture(
        self, actor: StaffActor, campaign_id: int, file_id: str | None, content: bytes | None
    ) -> CampaignView:
        """Give a draft a picture (its file id in the staff bot, and itself), or take it away.

        Raises CampaignLong for a file that is too large, and as ``edit`` does.
        """
        if content is not None and len(content) > PICTURE_BYTES:
            raise CampaignLong(where="file", high=PICTURE_BYTES, length=len(content))

        async def work() -> None:
            await self._change(actor, campaign_id, photo=file_id)
            kept = None if content is None else base64.b64encode(content).decode("ascii")
            await campaigns.set_picture(campaign_id, kept)

        await run_in_transaction(work)
        return await self.look(actor, campaign_id)

    async def delete(self, actor: StaffActor, campaign_id: int) -> None:
        """Throw a draft away. Raises as ``edit`` does."""

        async def work() -> None:
            await draft_for(actor, campaign_id)
            await campaigns.delete_draft(campaign_id)

        await run_in_transaction(work)

    async def sample(self, actor: StaffActor, campaign_id: int) -> Letter:
        """What a real customer of the segment would be sent. Raises CampaignIncomplete without text or people."""
        row = await row_for(actor, campaign_id)
        now = self.deps.clock.now()
        if not row.body:
            raise CampaignIncomplete(lacks="text")
        found = await campaigns.somebody(row, from_json(row.segment), await ways_of(row), now)
        if found is None:
            raise CampaignIncomplete(lacks="people")
        return letter_of(row, *found, await Texts(self.deps).of_customer(found[0]))

    async def test(self, actor: StaffActor, campaign_id: int, *, key: str) -> int:
        """Send it to staff members who have the customer bot; how many they are. Raises TestersMissing."""
        letter = await self.sample(actor, campaign_id)
        row = await row_for(actor, campaign_id)

        async def work() -> int:
            chats = await campaigns.testers(row.branch_id)
            if not chats:
                raise TestersMissing
            drafts = [
                outbox.Draft(
                    topic="job",
                    channel="telegram",
                    bot="customer",
                    chat_id=chat,
                    template=TEMPLATE,
                    language=letter.language,
                    dedupe_key=f"campaign_test:{key}:{chat}",
                    priority=TOPICS["job"].priority,
                    data={"campaign_id": campaign_id, "customer_id": letter.customer_id},
                )
                for chat in chats
            ]
            await outbox.enqueue(drafts, self.deps.clock.now())
            return len(chats)

        return await run_in_transaction(work)

    async def check(self, actor: StaffActor, campaign_id: int, at: datetime | None = None) -> CampaignView:
        """A draft that may begin at once or at a moment, by the clocks of the actor's branch.

        Raises CampaignBegun, CampaignIncomplete, CampaignTime, CampaignUnknown, NotAllowed.
        """
        now = self.deps.clock.now()
        view = await self.look(actor, campaign_id)
        if view.row.state != State.DRAFT:
            raise CampaignBegun(state=view.row.state)
        programme = (await programmes.in_force()).programme
        _refuse_incomplete(view, topic_on=choice(programme, CAMPAIGN).on)
        if at is not None and not now <= at <= now + FARTHEST:
            raise CampaignTime(reason="past" if at < now else "far", high=FARTHEST.days, hour_from=0, hour_to=0)
        quiet = programme.quiet_from, programme.quiet_to
        if quiet_until(at or now, *quiet, actor.time_zone) is not None:
            raise CampaignTime(reason="quiet", high=0, hour_from=quiet[0], hour_to=quiet[1])
        return replace(view, sms_left=await SmsBudget(self.deps).left(CAMPAIGN, at or now))

    async def launch(self, actor: StaffActor, campaign_id: int, at: datetime | None = None) -> CampaignView:
        """Let a draft begin, at once or at a moment: its recipients are chosen then. Raises as ``check`` does."""
        view = await self.check(actor, campaign_id, at)
        now = self.deps.clock.now()

        async def work() -> None:
            await draft_for(actor, campaign_id)
            state = State.CHOOSING if at is None else State.SCHEDULED
            await campaigns.update(campaign_id, state=state.value, starts_at=at or now, author_id=actor.id)
            given = {"campaign": campaign_id}
            await self.jobs.start(
                CAMPAIGN, given, key=f"campaign:{campaign_id}", author_id=actor.id, not_before=at
            )
            await audit.note(
                "campaign.launched",
                "campaign",
                campaign_id,
                actor_kind="staff",
                actor_id=actor.id,
                now=now,
                after={"at": (at or now).isoformat(), "segment": to_json(view.segment)},
            )

        await run_in_transaction(work)
        return await self.look(actor, campaign_id)

    async def _change(self, actor: StaffActor, campaign_id: int, **changes: Any) -> None:
        async def work() -> None:
            await draft_for(actor, campaign_id)
            await campaigns.update(campaign_id, **changes)

        await run_in_transaction(work)


def _is_untouched(row: CampaignRow) -> bool:
    """Whether a draft says no more than on its first screen."""
    said = (row.body, row.photo, row.button_link, row.by_sms, row.control_share, row.result_days)
    return said == (None, None, None, False, 0, _USUAL_DAYS) and from_json(row.segment) == Segment()


def _refuse_incomplete(view: CampaignView, *, topic_on: bool) -> None:
    if not topic_on:
        raise CampaignIncomplete(lacks="topic")
    if not view.row.body:
        raise CampaignIncomplete(lacks="text")
    if view.to_tell == 0:
        raise CampaignIncomplete(lacks="people")
