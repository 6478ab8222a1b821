"""«✉️ Сообщения»: what was told by which channel, what SMS cost, how the gateways fare, and resuming codes."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from core.sms_report import SmsReport
from handlers.callbacks import OnProgramme, OnSms
from handlers.rendering import Renderer
from handlers.staff.desk import Desk
from handlers.staff.keyboards import button, inline
from handlers.staff.office.guard import OwnersOnly
from handlers.staff.office.parts import to_menu
from handlers.ui import Screen, Ui


def build(renderer: Renderer) -> Router:
    """The router of the area."""
    router = Router(name="staff-office-messages")
    router.callback_query.middleware(OwnersOnly())
    router.callback_query.register(opened, OnSms.filter(F.do == "open"))
    router.callback_query.register(resume, OnSms.filter(F.do == "resume"))
    return router


async def opened(press: CallbackQuery, desk: Desk) -> None:
    await desk.open(None)
    await desk.show(report_screen(desk.ui, await desk.core.sms_reports.look(desk.actor), desk.actor.time_zone))


async def resume(press: CallbackQuery, callback_data: OnSms, desk: Desk) -> None:
    """Send codes again; where that was done already, the press says so and shows how things are."""
    resumed = await desk.core.code_stops.resume(desk.actor, callback_data.word)
    await desk.answer(desk.ui.label("office.messages.resumed" if resumed else "office.messages.not_stopped"))
    await opened(press, desk)


def report_screen(ui: Ui, report: SmsReport, time_zone: str) -> Screen:
    """The figures; a button for each place where codes are stopped."""
    resuming = [
        [button(ui.label(f"office.messages.resume_{origin}"), OnSms(do="resume", word=origin))]
        for origin in report.stopped
    ]
    settings = button(ui.label("office.messages.settings"), OnProgramme(do="section", word="sms"))
    again = button(ui.label("office.messages.again"), OnSms(do="open"))
    text = ui.text("staff/office/messages/report", it=report, tz=time_zone)
    return Screen(text, inline(*resuming, [settings, again], [to_menu(ui)]))
