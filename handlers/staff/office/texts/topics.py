"""Which topics are told, and by which channels."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from core.domain.settings import plain
from core.domain.topics import TOPICS, TopicChoice, choice
from handlers.callbacks import OnText, OnTopic
from handlers.staff.desk import Desk
from handlers.staff.keyboards import button, inline
from handlers.staff.office import parts
from handlers.ui import Screen, Ui

SWITCHED = tuple(name for name, topic in TOPICS.items() if topic.consent is not None)
"""What the merchant may switch; all else must be told."""
CHANNELS = ("telegram", "sms")


def build() -> Router:
    router = Router(name="staff-office-texts-topics")
    press = router.callback_query.register
    press(listed, OnTopic.filter(F.do == "list"))
    press(looked, OnTopic.filter((F.do == "look") & F.topic.in_(set(SWITCHED))))
    press(
        switched, OnTopic.filter((F.do == "switch") & F.topic.in_(set(SWITCHED)) & F.what.in_({"on", *CHANNELS}))
    )
    press(locked, OnTopic.filter(F.do == "locked"))
    return router


async def listed(press: CallbackQuery, desk: Desk) -> None:
    await desk.open(None)
    await desk.show(await _list(desk))


async def looked(press: CallbackQuery, callback_data: OnTopic, desk: Desk) -> None:
    await desk.open(None)
    await desk.show(await _topic(desk, callback_data.topic))


async def switched(press: CallbackQuery, callback_data: OnTopic, desk: Desk) -> None:
    """The press carries what the switch becomes, so that a press told twice switches once."""
    board = await desk.core.boards.board(desk.actor, None)
    chosen = choice(board.programme, callback_data.topic)
    becomes = {**plain(chosen), callback_data.what: callback_data.to}
    others = [plain(each) for each in board.programme.topics if each.topic != callback_data.topic]
    await desk.core.programmes.change({"topics": [*others, becomes]}, by=desk.actor, seen=board.version)
    await desk.show(await _topic(desk, callback_data.topic))


async def locked(press: CallbackQuery, desk: Desk) -> None:
    """What must be told can't be switched off, and says so."""
    await desk.say("staff/office/texts/locked")


async def _list(desk: Desk) -> Screen:
    ui = desk.ui
    programme = (await desk.core.boards.board(desk.actor, None)).programme
    rows = [[button(_line(ui, choice(programme, name)), OnTopic(do="look", topic=name))] for name in SWITCHED]
    always = [button(ui.label("office.topics.locked"), OnTopic(do="locked"))]
    back = parts.back_to(ui, OnText(do="open"))
    return Screen(ui.text("staff/office/texts/topics"), inline(always, *rows, [back]))


async def _topic(desk: Desk, name: str) -> Screen:
    ui = desk.ui
    chosen = choice((await desk.core.boards.board(desk.actor, None)).programme, name)
    ways = {"on": chosen.on} | ({"telegram": chosen.telegram, "sms": chosen.sms} if chosen.on else {})
    rows = [
        [
            button(
                ui.label(f"office.topics.{'yes' if on else 'no'}", what=ui.label(f"office.topics.{what}")),
                OnTopic(do="switch", topic=name, what=what, to=not on),
            )
        ]
        for what, on in ways.items()
    ]
    text = ui.text("staff/office/texts/topic", title=ui.label(f"told.{name}"), it=chosen, topic=TOPICS[name])
    return Screen(text, inline(*rows, [parts.back_to(ui, OnTopic(do="list"))]))


def _line(ui: Ui, chosen: TopicChoice) -> str:
    """A topic with the ways that it takes."""
    ways = [ui.label(f"channel.{each}") for each in CHANNELS if getattr(chosen, each)]
    if not chosen.on or not ways:
        return ui.label("office.topics.off", title=ui.label(f"told.{chosen.topic}"))
    return ui.label("office.topics.line", title=ui.label(f"told.{chosen.topic}"), ways=", ".join(ways))
