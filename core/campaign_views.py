"""What screens show of a campaign, and what one of its letters says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actors import StaffActor
from core.domain.campaigns import CampaignBegun, CampaignUnknown, State
from core.domain.effects import Effect, Group, effect
from core.domain.people import Right, Role
from core.domain.segments import Segment, from_json
from core.domain.topics import choice
from core.store import branches as branch_rows
from core.store import campaigns, programmes, recipients, segments
from core.store.campaigns import CampaignRow
from core.store.segments import Reach, Ways

_BEGUN = frozenset({State.SENDING, State.PAUSED, State.STOPPED, State.DONE})


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a campaign's people are. ``waiting`` have not had their turn, ``queued`` are in the outbox.

    ``unreached`` could not be told when their turn came, ``kept`` were not told by a rule: by reason.
    """

    total: int
    waiting: int
    queued: int
    sent: int
    delivered: int
    blocked: int
    failed: int
    unknown: int
    kept: Mapping[str, int]

    @property
    def done(self) -> int:
        return self.total - self.waiting - self.queued


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign as it stands. ``reach`` is a draft's: whom it would reach now; ``progress`` is of one that began.

    ``part_price`` is what a part of an SMS is reckoned with, and ``sms_left`` what of the budget of its day may go
    for campaigns, both in minor units; the latter is known of a draft that was checked.
    """

    row: CampaignRow
    segment: Segment
    branches: Mapping[int, str]
    telegram_offered: bool
    sms_offered: bool
    currency: str
    reach: Reach | None = None
    progress: Progress | None = None
    part_price: int = 0
    sms_left: int = 0
    sms_parts: int = 0
    sms_cost: int = 0

    @property
    def by_sms(self) -> bool:
        return self.row.by_sms and self.sms_offered

    @property
    def to_tell(self) -> int:
        """How many a draft would choose, the control group among them."""
        if self.reach is None:
            return self.row.chosen
        return self.reach.telegram + (self.reach.sms if self.by_sms else 0)

    def in_others(self, language: str) -> dict[str, int]:
        """How many a draft would tell who are spoken to in other languages than the words', by language."""
        found = {} if self.reach is None else self.reach.languages
        told = {code: telegram + (sms if self.by_sms else 0) for code, (telegram, sms) in found.items()}
        return {code: number for code, number in told.items() if number and code != language}


@dataclass(frozen=True, slots=True)
class Results:
    """What became of a campaign: its view, what both groups bought, and the difference."""

    view: CampaignView
    told: Group
    control: Group
    effect: Effect


@dataclass(frozen=True, slots=True)
class Letter:
    """What one customer is sent: the campaign's words, and ``data`` for their fields (see core.texts)."""

    campaign_id: int
    body: str
    button_label: str | None
    button_link: str | None
    has_picture: bool
    customer_id: int
    language: str
    data: Mapping[str, Any]


async def row_for(actor: StaffActor, campaign_id: int, *, locked: bool = False) -> CampaignRow:
    """A campaign that the actor may see to. Raises NotAllowed, CampaignUnknown."""
    actor.require(Right.MANAGE)
    row = await campaigns.get(campaign_id, locked=locked)
    if row is None or (actor.role is not Role.OWNER and row.branch_id != actor.branch_id):
        raise CampaignUnknown
    return row


async def draft_for(actor: StaffActor, campaign_id: int) -> CampaignRow:
    """The locked row of a draft. Raises NotAllowed, CampaignUnknown, CampaignBegun."""
    row = await row_for(actor, campaign_id, locked=True)
    if row.state != State.DRAFT:
        raise CampaignBegun(state=row.state)
    return row


async def ways_of(row: CampaignRow) -> Ways:
    """The channels that a campaign may take now: the merchant's choice for the topic, and its own of SMS."""
    chosen = choice((await programmes.in_force()).programme, "campaign")
    return Ways(chosen.telegram, chosen.sms and row.by_sms)


async def view_of(row: CampaignRow, now: datetime) -> CampaignView:
    """A campaign with what its state calls for."""
    programme = (await programmes.in_force()).programme
    chosen = choice(programme, "campaign")
    segment, ways = from_json(row.segment), Ways(chosen.telegram, sms=True)
    spent = await recipients.sms_spent(row.id) if row.state in _BEGUN and row.by_sms else (0, 0)
    return CampaignView(
        row=row,
        segment=segment,
        branches={each["id"]: each["name"] for each in await branch_rows.open_branches()},
        telegram_offered=chosen.telegram,
        sms_offered=chosen.sms,
        currency=programme.currency,
        reach=await segments.count(segment, row.branch_id, now, ways) if row.state == State.DRAFT else None,
        progress=await progress_of(row) if row.state in _BEGUN else None,
        part_price=programme.sms_price,
        sms_parts=spent[0],
        sms_cost=spent[1],
    )


async def progress_of(row: CampaignRow) -> Progress:
    """Where a campaign's people are now."""
    waiting, _ = await recipients.waiting(row.id)
    found = await recipients.outcomes(row.id)

    def of(*states: str) -> int:
        return sum(number for (state, _), number in found.items() if state in states)

    blocked = found.get(("failed", "blocked"), 0)
    return Progress(
        total=row.chosen,
        waiting=waiting,
        queued=of("queued", "sending"),
        sent=of("sent", "delivered"),
        delivered=of("delivered"),
        blocked=blocked,
        failed=of("failed") - blocked,
        unknown=of("unknown"),
        kept={reason or "": number for (state, reason), number in found.items() if state == "suppressed"},
    )


async def results_of(row: CampaignRow, now: datetime) -> Results:
    told, control = await recipients.bought(row.id, now)
    return Results(await view_of(row, now), told, control, effect(told, control))


def letter_of(row: CampaignRow, customer_id: int, language: str, data: Mapping[str, Any]) -> Letter:
    """The campaign's words with what they say of one customer."""
    return Letter(
        campaign_id=row.id,
        body=row.body or "",
        button_label=row.button_label,
        button_link=row.button_link,
        has_picture=row.photo is not None,
        customer_id=customer_id,
        language=language,
        data=data,
    )
