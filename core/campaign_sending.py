"""Campaigns while they are sent: choosing recipients, feeding the outbox, pausing, stopping, telling how far.

A job writes the recipients, portion by portion. From then on whoever leads the sending drives the campaigns: it
moves so many recipients into the outbox as are sent in a minute, so that neither a pause nor a kill ever meets a
queue of a hundred thousand. A recipient's turn and their message are written in one transaction.
"""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.actors import StaffActor
from core.campaign_views import (
    CampaignView,
    Letter,
    Results,
    letter_of,
    progress_of,
    results_of,
    row_for,
    view_of,
    ways_of,
)
from core.campaigns import CAMPAIGN
from core.deps import Deps
from core.domain.campaigns import LATE, CampaignUnknown, State
from core.domain.reminders import quiet_until
from core.domain.segments import from_json
from core.domain.topics import TOPICS
from core.job_kinds import JobKind, Step, Work
from core.job_progress import TELLS_EVERY
from core.jobs import Jobs
from core.store import audit, campaigns, outbox, programmes, recipients
from core.store import branches as branch_rows
from core.store.campaigns import CampaignRow
from core.store.transactions import run_in_transaction
from core.telling import to_member
from core.texts import Texts

PORTION = 20_000
"""Customers looked at in one step: a fraction of a second, since SQLite has one writer."""
AHEAD, FEW = 1_000, 500
"""So many are moved into the outbox at a time, when fewer than so many are left in it."""
SWEPT_FOR = timedelta(minutes=2)
SCREEN = "screen/campaign"


@dataclass(frozen=True, slots=True)
class Sendings:
    """Campaigns that have begun."""

    deps: Deps
    jobs: Jobs

    def __post_init__(self) -> None:
        self.jobs.register(JobKind(CAMPAIGN, self.choose))

    async def choose(self, work: Work) -> Step:
        """Choose recipients among the next customers by id; after the last one the campaign is sent."""
        row = await campaigns.get(work.input["campaign"], locked=True)
        now = self.deps.clock.now()
        if row is None or row.state not in (State.SCHEDULED, State.CHOOSING):
            return Step(None, work.done, work.total)
        if row.started_at is None:
            if row.starts_at is not None and now - row.starts_at > LATE:
                await campaigns.update(row.id, state=State.STOPPED.value, reason="late", finished_at=now)
                await self._tell_late(row, now)
                return Step(None, work.done, work.total)
            await campaigns.update(row.id, state=State.CHOOSING.value, started_at=now)
        after = work.cursor["after"] if work.cursor else 0
        until = await recipients.end_of_portion(after, PORTION)
        if until is not None:
            segment = from_json(row.segment)
            await recipients.choose(row, segment, await ways_of(row), after, until, row.started_at or now)
            return Step({"after": until}, work.done + PORTION)
        chosen, controls = await recipients.how_many(row.id)
        await campaigns.update(row.id, state=State.SENDING.value, chosen=chosen, controls=controls)
        return Step(None, work.done, work.done)

    async def drive(self) -> None:
        """Go on with every campaign that is being sent; whoever leads the sending calls it every few seconds."""
        for row in await campaigns.open_ones():
            await run_in_transaction(lambda row=row: self._drive(row.id))  # type: ignore[misc]
        # What was claimed while a campaign was stopped may have come back into the queue behind its back.
        for campaign_id in await campaigns.stopped_since(self.deps.clock.now() - SWEPT_FOR):
            await recipients.drop_queued(campaign_id)

    async def _drive(self, campaign_id: int) -> None:
        row = await campaigns.get(campaign_id, locked=True)
        if row is None or row.state != State.SENDING:
            return
        now = self.deps.clock.now()
        if await recipients.in_the_outbox(row.id) < FEW:
            await self._feed(row, now)
        told, controls = await recipients.waiting(row.id)
        if told + controls == 0 and await recipients.in_the_outbox(row.id) == 0:
            await campaigns.update(row.id, state=State.DONE.value, finished_at=now)
            await self._tell(row, now, at_end=True)
        elif row.told_at is None or now - row.told_at >= TELLS_EVERY:
            await self._tell(row, now)

    async def _feed(self, row: CampaignRow, now: datetime) -> None:
        """Move the next recipients into the outbox, but for those who sleep."""
        programme = (await programmes.in_force()).programme
        branches = await branch_rows.all_branches()
        zones = {each["id"]: each["time_zone"] for each in branches}
        hours = programme.quiet_from, programme.quiet_to
        resting = [each for each, zone in zones.items() if quiet_until(now, *hours, zone) is not None]
        await recipients.take(
            row,
            AHEAD,
            await ways_of(row),
            resting=resting,
            nobodys_rest=min(zones) in resting,
            now=now,
            counts_until=now + timedelta(days=row.result_days),
        )

    async def _tell(self, row: CampaignRow, now: datetime, *, at_end: bool = False) -> None:
        """Have the progress message rewritten, when there is something new."""
        if row.chat_id is None or row.message_id is None:
            return
        done = (await progress_of(row)).done
        said = "end" if at_end else str(done)
        if said == row.told:
            return
        if row.told is not None and row.told_at is not None:
            await outbox.suppress([_told_key(row.id, row.told_at, row.told)], "superseded")
        draft = to_member(
            row.author_id,
            row.chat_id,
            topic="job",
            template=SCREEN,
            dedupe_key=_told_key(row.id, now, said),
            priority=TOPICS["job"].priority,
            data={"campaign_id": row.id},
            edits_message_id=row.message_id,
        )
        await outbox.enqueue([draft], now)
        await campaigns.update(row.id, told=said, told_at=now)

    async def _tell_late(self, row: CampaignRow, now: datetime) -> None:
        """Tell who has planned it that it did not begin, by a message of its own: nobody looks for it by now."""
        if row.chat_id is None:
            return
        draft = to_member(
            row.author_id,
            row.chat_id,
            topic="job",
            template=SCREEN,
            dedupe_key=f"campaign_late:{row.id}",
            priority=TOPICS["job"].priority,
            data={"campaign_id": row.id},
        )
        await outbox.enqueue([draft], now)

    async def pause(self, actor: StaffActor, campaign_id: int) -> CampaignView:
        """Let nothing more leave until it is resumed. Raises CampaignUnknown."""
        return await self._turn(actor, campaign_id, {State.SENDING: State.PAUSED})

    async def resume(self, actor: StaffActor, campaign_id: int) -> CampaignView:
        return await self._turn(actor, campaign_id, {State.PAUSED: State.SENDING})

    async def stop(self, actor: StaffActor, campaign_id: int) -> CampaignView:
        """Let nothing more leave, for good. Raises CampaignUnknown."""
        running = (State.SCHEDULED, State.CHOOSING, State.SENDING, State.PAUSED)
        return await self._turn(actor, campaign_id, dict.fromkeys(running, State.STOPPED))

    async def _turn(self, actor: StaffActor, campaign_id: int, ways: dict[State, State]) -> CampaignView:
        """Change the state where there is a way; a second press changes nothing."""
        now = self.deps.clock.now()

        async def work() -> CampaignView:
            row = await row_for(actor, campaign_id, locked=True)
            state = ways.get(State(row.state))
            if state is not None:
                ends = {"finished_at": now, "reason": "by_hand"} if state is State.STOPPED else {}
                await campaigns.update(row.id, state=state.value, **ends)
                await _follow(row.id, state, now)
                await audit.note(
                    f"campaign.{state.value}",
                    "campaign",
                    row.id,
                    actor_kind="staff",
                    actor_id=actor.id,
                    now=now,
                    before={"state": row.state},
                )
            return await view_of(await row_for(actor, campaign_id), now)

        return await run_in_transaction(work)

    async def show_on(self, actor: StaffActor, campaign_id: int, message_id: int) -> None:
        """Show the progress in this message of the actor's chat from now on."""

        async def work() -> None:
            row = await row_for(actor, campaign_id, locked=True)
            place = {"chat_id": actor.telegram_id, "message_id": message_id}
            await campaigns.update(row.id, told=None, **place)

        await run_in_transaction(work)

    async def results(self, actor: StaffActor, campaign_id: int) -> Results:
        """What became of it so far. Raises CampaignUnknown."""
        return await results_of(await row_for(actor, campaign_id), self.deps.clock.now())

    async def look_for_notice(self, campaign_id: int) -> CampaignView | None:
        """A campaign for its progress message."""
        row = await campaigns.get(campaign_id)
        return None if row is None else await view_of(row, self.deps.clock.now())

    async def letter(self, campaign_id: int, customer_id: int, language: str) -> Letter:
        """What a customer is sent, as the relay asks for it. Raises CampaignUnknown."""
        row = await campaigns.get(campaign_id)
        if row is None:
            raise CampaignUnknown
        return letter_of(row, customer_id, language, await Texts(self.deps).of_customer(customer_id))

    async def picture_file(self, campaign_id: int) -> str | None:
        """The picture's file id in the customer bot, once it was sent there."""
        return await campaigns.picture_file(campaign_id)

    async def picture(self, campaign_id: int) -> bytes:
        """The picture itself. Raises CampaignUnknown."""
        content = await campaigns.picture(campaign_id)
        if content is None:
            raise CampaignUnknown
        return base64.b64decode(content)

    async def note_picture_file(self, campaign_id: int, file_id: str) -> None:
        """Remember the picture's file id, so that it is not uploaded again."""
        await run_in_transaction(lambda: campaigns.note_picture_file(campaign_id, file_id))


async def _follow(campaign_id: int, state: State, now: datetime) -> None:
    """What waits in the outbox follows the campaign."""
    if state is State.PAUSED:
        await recipients.park(campaign_id)
    elif state is State.SENDING:
        await recipients.unpark(campaign_id, now)
    elif state is State.STOPPED:
        await recipients.drop_queued(campaign_id)


def _told_key(campaign_id: int, at: datetime, said: str) -> str:
    return f"campaign_progress:{campaign_id}:{at.timestamp():.3f}:{said}"
