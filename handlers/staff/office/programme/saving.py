"""The last step of every change of settings: its preview, saving it, and what it would have done before."""

from collections.abc import Mapping
from typing import Any

from aiogram import F, Router
from aiogram.types import CallbackQuery

from core.domain.errors import KindLocked, LevelsUnsound, RulesContradict, SettingChanged
from handlers.callbacks import OnProgramme
from handlers.staff.desk import Desk, is_live
from handlers.staff.keyboards import inline
from handlers.staff.office.parts import back_to
from handlers.staff.office.programme import boards, screens
from handlers.staff.states import Setting
from handlers.ui import Screen


def build() -> Router:
    router = Router(name="staff-office-programme-saving")
    press = router.callback_query.register
    press(save, OnProgramme.filter(F.do == "save"), Setting.preview, is_live)
    press(what_if, OnProgramme.filter(F.do == "what_if"), Setting.preview, is_live)
    press(gone, OnProgramme.filter(F.do.in_({"save", "what_if"})))
    return router


async def propose(
    desk: Desk,
    branch_id: int | None,
    changes: Mapping[str, Any],
    *,
    back: OnProgramme,
    follow: str = "",
    seen: int | None = None,
) -> None:
    """Show what a change comes to and wait for «Сохранить»: the way on for every screen that changes settings.

    ``changes`` are plain JSON by name; ``back`` is where «Отмена» and the end lead; ``seen`` is the version that
    the screen before was drawn from, when it is not this moment's.
    """
    before = await desk.data()
    found = await desk.core.boards.preview(desk.actor, changes, branch_id, follow=follow)
    screen = screens.preview(desk.ui, found, back)
    await desk.ask(
        Setting.preview,
        screen,
        branch=branch_id,
        changes=dict(changes),
        follow=follow,
        version=found.version if seen is None else seen,
        back=back.pack(),
    )
    if desk.pressed_id is None and before.get("message_id"):
        await desk.remove(before["message_id"])


async def save(press: CallbackQuery, desk: Desk) -> None:
    """Save what was shown; when somebody was faster, say so and show what stands."""
    data = await desk.data()
    core, actor, branch_id = desk.core.programmes, desk.actor, data["branch"]
    head = "saved"
    try:
        if data["follow"]:
            await core.follow(actor, data["follow"], branch_id, seen=data["version"])
        else:
            await core.change(data["changes"], branch_id=branch_id, by=actor, seen=data["version"])
    except (SettingChanged, KindLocked, LevelsUnsound, RulesContradict) as error:
        await desk.refuse(error)
        head = "unsaved"
    await _after(desk, OnProgramme.unpack(data["back"]), head)


async def _after(desk: Desk, back: OnProgramme, head: str) -> None:
    """The screen that the change began from, or a sentence with the way there."""
    if back.do == "look":
        await boards.show_setting(desk, back.branch or None, back.name, head=head)
        return
    await desk.open(None)
    text = desk.ui.text("staff/office/programme/saved", head=head, reminders=back.do in ("soon", "steps"))
    await desk.show(Screen(text, inline([back_to(desk.ui, back)])))


async def what_if(press: CallbackQuery, desk: Desk) -> None:
    """Replay the last 90 days by the changed settings, in a message of its own that shows the progress."""
    data = await desk.data()
    shown = await desk.add(
        Screen(desk.ui.text("staff/office/programme/what_if", state="queued", it=None, done=0, total=None))
    )
    await desk.core.what_ifs.start(
        desk.actor,
        data["changes"],
        data["branch"],
        follow=data["follow"],
        key=desk.key,
        message=("staff", desk.actor.telegram_id, shown.message_id),
    )


async def gone(press: CallbackQuery, desk: Desk) -> None:
    """The button of a preview that is over: nothing was saved by it."""
    await desk.say("staff/office/programme/gone")
