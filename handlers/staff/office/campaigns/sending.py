"""Letting a campaign begin, now or at a time, pausing and stopping it, and what it changed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from core.campaign_views import CampaignView
from core.domain.campaigns import CampaignTime
from handlers import letters
from handlers.callbacks import OnCampaign
from handlers.parse import parse_moment
from handlers.staff.desk import ANSWER, Desk
from handlers.staff.office.campaigns import screens
from handlers.staff.office.campaigns.drafts import draft, show, stop_link
from handlers.staff.states import Campaigning

OFFERED = (11, 15, 18)
"""The hours that can be pressed, of today and tomorrow."""


def build() -> Router:
    router = Router(name="staff-office-campaigns-sending")
    press = router.callback_query.register
    press(ask_sure, OnCampaign.filter(F.do == "sure"))
    press(ask_when, OnCampaign.filter(F.do == "when"))
    press(time_chosen, OnCampaign.filter(F.do == "at"))
    press(launched, OnCampaign.filter(F.do == "go"))
    press(paused, OnCampaign.filter(F.do == "pause"))
    press(resumed, OnCampaign.filter(F.do == "resume"))
    press(ask_stop, OnCampaign.filter(F.do == "stop"))
    press(stopped, OnCampaign.filter(F.do == "stop_sure"))
    press(repeated, OnCampaign.filter(F.do == "repeat"))
    press(results, OnCampaign.filter(F.do == "results"))
    router.message.register(time_typed, Campaigning.moment, ANSWER)
    return router


async def ask_sure(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    """How many, for how much: the last question."""
    await _ask_sure(desk, callback_data.id, None)


async def ask_when(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    view = await draft(desk, callback_data.id)
    screen = screens.whens(desk.ui, view, _offered(desk), desk.actor.time_zone, desk.now)
    await desk.ask(Campaigning.moment, screen, campaign_id=callback_data.id)


def _offered(desk: Desk) -> list[datetime]:
    """The next hours of the day that are worth an offer, by the branch's clocks."""
    zone = ZoneInfo(desk.actor.time_zone)
    days = (desk.today, desk.today + timedelta(days=1))
    found = [datetime.combine(day, time(hour), zone).astimezone(UTC) for day in days for hour in OFFERED]
    return [at for at in found if at > desk.now + timedelta(minutes=5)][:4]


async def time_chosen(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    await _ask_sure(desk, callback_data.id, _moment(callback_data.n))


async def time_typed(message: Message, desk: Desk) -> None:
    """``25.03 15:30``, or an hour of today."""
    campaign_id = (await desk.data())["campaign_id"]
    at = parse_moment(desk.typed, desk.now.astimezone(ZoneInfo(desk.actor.time_zone))).astimezone(UTC)
    if at <= desk.now:
        raise CampaignTime(reason="past", high=0, hour_from=0, hour_to=0)
    await _ask_sure(desk, campaign_id, at)


async def _ask_sure(desk: Desk, campaign_id: int, at: datetime | None) -> None:
    view = await desk.core.campaigns.check(desk.actor, campaign_id, at)
    each = 0
    if view.by_sms:
        letter = await desk.core.campaigns.sample(desk.actor, campaign_id)
        each = letters.sms_parts(desk.ui.renderer, letter, stop_link(desk, letter))
    await desk.show(screens.sure(desk.ui, view, parts_each=each, at=at, zone=desk.actor.time_zone))
    await desk.open(None)


async def launched(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    """Let it begin; the pressed message shows how far it is from now on."""
    at = _moment(callback_data.n) if callback_data.n else None
    await desk.core.campaigns.launch(desk.actor, callback_data.id, at)
    if desk.pressed_id is not None:
        await desk.core.sendings.show_on(desk.actor, callback_data.id, desk.pressed_id)
    await _show(desk, await desk.core.campaigns.look(desk.actor, callback_data.id))


def _moment(minutes: int) -> datetime:
    """Minutes since the epoch. Raises CampaignTime for a number that is no time."""
    try:
        return datetime.fromtimestamp(minutes * 60, UTC)
    except (OverflowError, ValueError, OSError):
        raise CampaignTime(reason="far", high=365, hour_from=0, hour_to=0) from None


async def _show(desk: Desk, view: CampaignView) -> None:
    await desk.show(screens.campaign_screen(desk.ui, view, desk.actor.time_zone))


async def paused(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    await _show(desk, await desk.core.sendings.pause(desk.actor, callback_data.id))


async def resumed(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    await show(desk, await desk.core.sendings.resume(desk.actor, callback_data.id))


async def ask_stop(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    """Stopping is for good, so it is asked about; meanwhile nothing more leaves."""
    view = await desk.core.sendings.pause(desk.actor, callback_data.id)
    await desk.show(screens.stop(desk.ui, view))


async def stopped(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    await _show(desk, await desk.core.sendings.stop(desk.actor, callback_data.id))


async def repeated(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    """The same once more, as a draft of its own."""
    await show(desk, await desk.core.campaigns.repeat(desk.actor, callback_data.id, key=desk.key))


async def results(press: CallbackQuery, callback_data: OnCampaign, desk: Desk) -> None:
    found = await desk.core.sendings.results(desk.actor, callback_data.id)
    await desk.show(screens.results(desk.ui, found, desk.actor.time_zone))
