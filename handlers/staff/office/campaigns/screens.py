"""Screens of campaigns. The progress and its buttons are the relay's to show, too."""

from datetime import datetime

from core.campaign_views import CampaignView, Results
from core.domain.campaigns import MOST_CONTROL, RESULT_DAYS, State
from core.store.campaigns import CampaignRow
from handlers.callbacks import OnCampaign
from handlers.staff.keyboards import Button, button, inline
from handlers.staff.office import parts
from handlers.staff.office.campaigns.words import condition_words
from handlers.ui import Screen, Ui

SHARES = (0, 500, 1_000, MOST_CONTROL)
SHOWN_TEXT = 700
AREA = "staff/office/campaigns"


def key(ui: Ui, do: str, campaign_id: int = 0, label: str = "", *, word: str = "", n: int = 0) -> Button:
    """A button of the area."""
    return button(ui.label(f"office.campaigns.{label or do}"), OnCampaign(do=do, id=campaign_id, word=word, n=n))


def back(ui: Ui, campaign_id: int) -> Button:
    return parts.back_to(ui, OnCampaign(do="open", id=campaign_id))


def listed(ui: Ui, rows: list[CampaignRow], page: int, *, more: bool, zone: str, now: datetime) -> Screen:
    """The campaigns, newest first."""
    rows_of_keys = [
        [
            button(
                ui.label(f"office.campaigns.of.{row.state}", day=_day(ui, row, zone, now), number=str(row.id)),
                OnCampaign(do="open", id=row.id),
            )
        ]
        for row in rows
    ]
    turns = parts.turns(ui, page, page + 2 if more else page + 1, lambda to: OnCampaign(do="list", n=to))
    text = ui.text(f"{AREA}/list", empty=not rows)
    return Screen(text, inline([key(ui, "new")], *rows_of_keys, turns, [parts.to_menu(ui)]))


def _day(ui: Ui, row: CampaignRow, zone: str, now: datetime) -> str:
    """When it began or was to begin; of one that was stopped before, when that was."""
    at = min((each for each in (row.starts_at, row.finished_at) if each is not None), default=row.created_at)
    return "" if at is None else ui.renderer.formats(ui.language).day(at, zone, now)


def campaign_screen(ui: Ui, view: CampaignView, zone: str = "") -> Screen:
    """A campaign as it stands: a draft to be made, or how far it is."""
    if view.row.state == State.DRAFT:
        return draft(ui, view)
    return running(ui, view, zone)


def others(ui: Ui, view: CampaignView) -> list[tuple[str, int]]:
    """The languages, and how many would be told who are spoken to in them and not in the author's."""
    found = view.in_others(ui.language)
    return [(ui.renderer.label(code, "language.name"), number) for code, number in found.items()]


def draft(ui: Ui, view: CampaignView) -> Screen:
    """What a draft says, to whom, and buttons for each part of it."""
    row = view.row

    def part(do: str, label: str = "") -> Button:
        return key(ui, do, row.id, label)

    sms = "sms_on" if row.by_sms else "sms_off"
    text = ui.text(
        f"{AREA}/draft",
        view=view,
        row=row,
        conditions=condition_words(ui, view),
        body=row.body if row.body is None or len(row.body) <= SHOWN_TEXT else None,
        others=others(ui, view),
    )
    ready = bool(row.body)
    return Screen(
        text,
        inline(
            [part("segment"), part("text")],
            [part("picture"), part("button")],
            [part("control"), part("days")],
            [part("sms", sms)] if view.sms_offered else [],
            [part("look"), part("test")] if ready else [],
            [part("sure"), part("when")] if ready else [],
            [part("delete"), parts.back_to(ui, OnCampaign(do="list"))],
        ),
    )


def running(ui: Ui, view: CampaignView, zone: str = "") -> Screen:
    """A campaign that waits for its time, is being sent, or is over."""
    row = view.row
    keys: dict[str, tuple[str, ...]] = {
        State.SCHEDULED: ("stop",),
        State.CHOOSING: ("stop",),
        State.SENDING: ("pause", "stop"),
        State.PAUSED: ("resume", "stop"),
        State.STOPPED: ("repeat",),
        State.DONE: ("repeat",),
    }
    progress = view.progress
    done = progress.done * 10 // progress.total if progress is not None and progress.total else 0
    text = ui.text(
        f"{AREA}/running",
        view=view,
        row=row,
        progress=progress,
        bar="▓" * done + "░" * (10 - done),
        tz=zone or None,
    )
    results = [key(ui, "results", row.id)] if progress is not None else []
    marks = [key(ui, do, row.id) for do in keys.get(row.state, ())]
    return Screen(text, inline(marks, results, [parts.back_to(ui, OnCampaign(do="list"))]))


def results(ui: Ui, it: Results, zone: str) -> Screen:
    """What became of a campaign, and what it changed."""
    row = it.view.row
    text = ui.text(f"{AREA}/results", it=it, row=row, progress=it.view.progress, tz=zone)
    return Screen(text, inline([key(ui, "results", row.id, "renew")], [back(ui, row.id)]))


def ask(ui: Ui, what: str, campaign_id: int, *more: list[Button], **data: object) -> Screen:
    """A question about a draft."""
    return Screen(ui.text(f"{AREA}/ask", what=what, **data), inline(*more, [back(ui, campaign_id)]))


def control(ui: Ui, view: CampaignView) -> Screen:
    """How many are kept out."""
    formats = ui.renderer.formats(ui.language)
    keys = [
        button(
            ui.label("office.campaigns.ticked" if share == view.row.control_share else "office.campaigns.unticked",
                     word=formats.percent(share)),
            OnCampaign(do="share", id=view.row.id, n=share),
        )
        for share in SHARES
    ]  # fmt: skip
    return ask(ui, "control", view.row.id, keys, view=view)


def days(ui: Ui, view: CampaignView) -> Screen:
    """For how long purchases count."""
    keys = [
        button(
            ui.label("office.campaigns.ticked" if each == view.row.result_days else "office.campaigns.unticked",
                     word=str(each)),
            OnCampaign(do="count_days", id=view.row.id, n=each),
        )
        for each in RESULT_DAYS
    ]  # fmt: skip
    return ask(ui, "days", view.row.id, keys, view=view)


def sure(ui: Ui, view: CampaignView, *, parts_each: int, at: datetime | None, zone: str) -> Screen:
    """The last question before it is sent: how many, by which ways, for how much, when. ``n`` are the minutes
    since the epoch of a time to come."""
    reach = view.reach
    by_sms = reach.sms if reach is not None and view.by_sms else 0
    told_by_sms = by_sms - by_sms * view.row.control_share // 10_000
    sms = told_by_sms * parts_each
    cost = sms * view.part_price
    n = 0 if at is None else int(at.timestamp()) // 60
    text = ui.text(
        f"{AREA}/sure",
        view=view,
        row=view.row,
        by_sms=told_by_sms,
        parts_each=parts_each,
        parts=sms,
        cost=cost,
        enough=view.sms_left // max(1, parts_each * view.part_price),
        at=at,
        tz=zone,
        others=others(ui, view),
    )
    go = key(ui, "go", view.row.id, "go" if at is None else "go_later", n=n)
    return Screen(text, inline([go], [back(ui, view.row.id)]))


def whens(ui: Ui, view: CampaignView, offered: list[datetime], zone: str, now: datetime) -> Screen:
    """When it begins: some times to press, or one to type."""
    formats = ui.renderer.formats(ui.language)
    rows = [
        [
            button(
                formats.moment(at, zone, now),
                OnCampaign(do="at", id=view.row.id, n=int(at.timestamp()) // 60),
            )
        ]
        for at in offered
    ]
    return ask(ui, "when", view.row.id, *rows, view=view)


def delete(ui: Ui, campaign_id: int) -> Screen:
    return ask(ui, "delete", campaign_id, [key(ui, "delete_sure", campaign_id)])


def stop(ui: Ui, view: CampaignView) -> Screen:
    return ask(ui, "stop", view.row.id, [key(ui, "stop_sure", view.row.id)], view=view)
