"""The screens of texts: groups, messages, one message as the customer sees it, the question, the preview."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from re import sub
from typing import Any

from aiogram.types import CopyTextButton

from core.domain.sms_parts import count_parts, make_plain
from core.domain.topics import TOPICS
from core.texts import Example, Key
from handlers.callbacks import OnText, OnTopic
from handlers.staff.desk import Desk
from handlers.staff.keyboards import Button, button, inline
from handlers.staff.office import parts
from handlers.ui import Screen, Ui
from handlers.wording import CHANNELS, Field, Problem, Told

FIELDS_IN_A_ROW = 3
STOP = "stop_100000-0123456789"
"""What a stop link carries, for counting the parts of an SMS that gets one."""


@dataclass(frozen=True, slots=True)
class Version:
    """A message in one language by one channel."""

    told: Told
    language: str
    channel: str

    @property
    def key(self) -> Key:
        return f"{CHANNELS[self.channel]}/{self.told.key}", self.language, self.channel

    def to(self, do: str) -> OnText:
        return OnText(do=do, word=self.told.key, language=self.language, channel=self.channel)


def version_of(ui: Ui, pressed: OnText) -> Version | None:
    """What a button means; None when there is no such message any more."""
    told = ui.renderer.own.catalogue.messages.get(pressed.word)
    if told is None or not told.group or not told.channels:
        return None
    language = pressed.language if pressed.language in ui.renderer.languages else ui.language
    return Version(told, language, pressed.channel if pressed.channel in told.channels else told.channels[0])


def groups(ui: Ui) -> Screen:
    """The area's first screen."""
    names = [name for name, messages in ui.renderer.own.catalogue.groups.items() if messages]
    keys = [[button(ui.label(f"message_group.{name}"), OnText(do="group", word=name))] for name in names]
    topics = [button(ui.label("office.texts.topics"), OnTopic(do="list"))]
    return Screen(ui.text("staff/office/texts/groups"), inline(*keys, topics, [parts.to_menu(ui)]))


def messages(ui: Ui, group: str, changed: frozenset[Key]) -> Screen:
    """The messages of a group; those with a text of the merchant's own are marked."""
    own = {template.partition("/")[2] for template, _, _ in changed}
    rows = []
    for told in ui.renderer.own.catalogue.groups.get(group, ()):
        title = ui.label(f"message.{told.key}")
        text = ui.label("office.texts.changed", title=title) if told.key in own else title
        rows.append([button(text, OnText(do="look", word=told.key, language=ui.language))])
    title = ui.label(f"message_group.{group}")
    back = parts.back_to(ui, OnText(do="open"))
    return Screen(ui.text("staff/office/texts/messages", title=title), inline(*rows, [back]))


async def look(desk: Desk, version: Version, *, head: str | None = None) -> Screen:
    """A message as the customer would see it now, with the ways to change it. ``head``: saved or reset."""
    ui = desk.ui
    body = await desk.core.texts.body(desk.actor, version.key)
    example = await desk.core.texts.example(desk.actor)
    text = ui.text(
        "staff/office/texts/look",
        **_named(ui, version),
        **_shown(desk, version, body, example),
        own=body is not None,
        head=head,
    )
    change = button(ui.label("manage.change"), version.to("edit"))
    reset = [button(ui.label("office.texts.reset"), version.to("reset"))] if body is not None else []
    back = parts.back_to(ui, OnText(do="group", word=version.told.group))
    return Screen(text, inline(*_others(ui, version), [change], reset, [back]))


def question(ui: Ui, version: Version) -> Screen:
    """What may be written, with a button for each field that puts it onto the clipboard."""
    formats = {each.name: _example(ui, version, each) for each in version.told.fields}
    words = [
        (word_of(ui, each), formats[each.name], each.name in version.told.must) for each in version.told.fields
    ]
    copies = [Button(text=word, copy_text=CopyTextButton(text=word)) for word, _, _ in words]
    rows = [copies[at : at + FIELDS_IN_A_ROW] for at in range(0, len(copies), FIELDS_IN_A_ROW)]
    text = ui.text(
        "staff/office/texts/question",
        **_named(ui, version),
        words=words,
        sms=version.channel == "sms",
        must=[word for word, _, needed in words if needed],
    )
    return Screen(text, inline(*rows, [parts.back_to(ui, version.to("look"))]))


def beginning(ui: Ui, version: Version, body: str | None) -> Screen:
    """The text to begin with, alone in a message, so that it can be copied with its formatting."""
    start = body if body is not None else ui.renderer.own.start(version.told, version.channel, version.language)
    if version.channel == "sms":
        return Screen(escape(start, quote=False))
    return Screen(sub(r"\{[{%].*?[}%]\}", lambda found: escape(found[0], quote=False), start))


def refused(ui: Ui, version: Version, problems: tuple[Problem, ...]) -> Screen:
    """Everything that is wrong with a text; the question stays open."""
    text = ui.text("staff/office/texts/problems", problems=problems, field=word_of(ui, version.told.fields[0]))
    return Screen(text, inline([parts.back_to(ui, version.to("look"))]))


async def preview(desk: Desk, version: Version, body: str) -> Screen:
    """A text that is not saved yet, as the customer would see it."""
    example = await desk.core.texts.example(desk.actor)
    text = desk.ui.text(
        "staff/office/texts/preview", **_named(desk.ui, version), **_shown(desk, version, body, example)
    )
    save = button(desk.ui.label("office.texts.save"), version.to("save"))
    again = button(desk.ui.label("office.texts.again"), version.to("edit"))
    return Screen(text, inline([save], [again], [button(desk.ui.label("common.cancel"), version.to("look"))]))


def word_of(ui: Ui, field: Field) -> str:
    """A field as people write it."""
    return "{" + ui.label(f"field.{field.name}") + "}"


def _named(ui: Ui, version: Version) -> dict[str, Any]:
    return {
        "title": ui.label(f"message.{version.told.key}"),
        "language": ui.renderer.label(version.language, "language.name"),
        "channel": ui.label(f"channel.{version.channel}"),
    }


def _shown(desk: Desk, version: Version, body: str | None, example: Example) -> dict[str, Any]:
    """The text with an example's data, whose it is, and what it costs as an SMS."""
    told, sms = version.told, version.channel == "sms"
    real = {name: value for name, value in example.data.items() if name in told.variables}
    if told.key == "receipt":  # elsewhere points are a gift or a price, and a discount a percent
        real |= example.receipt
    data = desk.ui.renderer.own.sample(told, version.language) | real

    def render(values: dict[str, Any]) -> str:
        return desk.ui.renderer.preview(told, version.channel, version.language, body, values)

    text = render(data)
    made_up = [
        word_of(desk.ui, each)
        for each in told.fields
        if each.variable not in real and render(data | {each.variable: _another(data[each.variable])}) != text
    ]
    if sms:
        text = make_plain(text + _refusal(desk, version))
    return {
        "shown": text,
        "sms": sms,
        "whose": "own" if example.own else "somebody" if example.data else "nobody",
        "bought": "subtotal" in real,
        "made_up": list(dict.fromkeys(made_up)),
        "parts": count_parts(text) if sms else None,
    }


def _another(value: Any) -> Any:
    """A value that reads otherwise, to see whether a text says it."""
    if isinstance(value, datetime):
        return value + timedelta(days=400)
    return value + 12345 if isinstance(value, int) else f"{value}*"


def _refusal(desk: Desk, version: Version) -> str:
    """The line that every SMS of marketing gets."""
    topic = TOPICS.get(version.told.topic)
    if topic is None or not topic.marketing:
        return ""
    link = desk.core.deps.links.customer(STOP).removeprefix("https://")
    return "\n" + desk.ui.renderer.label(version.language, "sms_stop.line", link=link)


def _others(ui: Ui, version: Version) -> list[list[Button]]:
    """The same message in the other languages and by the other channels."""
    rows = []
    for channel in version.told.channels:
        row = []
        for language in ui.renderer.languages:
            other = Version(version.told, language, channel)
            label = "office.texts.here" if other == version else "office.texts.version"
            words = {
                "language": ui.renderer.label(language, "language.name"),
                "channel": ui.label(f"channel.{channel}"),
            }
            row.append(button(ui.label(label, **words), other.to("look")))
        rows.append(row)
    return rows


def _example(ui: Ui, version: Version, field: Field) -> str:
    """What a field says with the example's data."""
    told = version.told
    body = "{" + field.name + "}"
    sample = ui.renderer.own.sample(told, version.language)
    return ui.renderer.preview(told, version.channel, version.language, body, sample)
