"""The renderer: every word that people see comes out of here; with handlers/wording the only place that knows
jinja2.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from core.ports import Clock
from handlers.formats import Formats, build_formats, plain_spaces, says_more
from handlers.wording import CHANNELS, Filters, OwnTexts, Told, read_catalogue

LABELS = "labels.toml"
_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{3,}")
_SPACE_RUN = re.compile(r" {2,}")

Words = dict[str, str | list[str]]


class Renderer:
    """Renders ``<root>/<language>/<name>.j2`` and the words of ``<root>/<language>/labels.toml``.

    A language is any BCP 47 tag (``en-GB`` is read as ``en``); one without templates falls back to
    ``default_language``. ``currency`` is the ISO 4217 code of every sum. With a ``clock`` (or ``now`` among
    the data) dates of the current year are written without it. ``own`` holds the merchant's own texts, which stand
    before the files of ``notice/`` and ``sms/``.
    """

    def __init__(
        self, root: Path, *, default_language: str = "ru", currency: str = "RUB", clock: Clock | None = None
    ) -> None:
        self._clock = clock
        self._default = default_language
        self._words = {path.parent.name: read_labels(path) for path in sorted(root.glob(f"*/{LABELS}"))}
        if default_language not in self._words:
            raise ValueError(f"no templates for the language {default_language!r}")
        self._html: dict[str, Environment] = {}
        self._plain: dict[str, Environment] = {}
        self._formats: dict[str, Formats] = {}
        filters: dict[str, tuple[Filters, Filters]] = {}
        home = Locale.parse(default_language)
        for language, words in self._words.items():
            build = partial(build_formats, Locale.parse(language), currency, home=home, words=words)
            folder = root / language
            self._formats[language], plain = build(plain=False), build(plain=True)
            self._html[language] = self._environment(folder, language, self._formats[language])
            self._plain[language] = self._environment(folder, language, plain)
            filters[language] = (_filters(self._formats[language]), _filters(plain))
        self.own = OwnTexts(read_catalogue(root, self._words), filters)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are templates for."""
        return tuple(self._words)

    def language(self, tag: str | None) -> str:
        """The language to speak to somebody whose client names this tag."""
        short = (tag or "").replace("_", "-").split("-")[0].lower()
        return short if short in self._words else self._default

    def text(self, language: str | None, name: str, /, **data: Any) -> str:
        """A message in Telegram's HTML, all data escaped. An unknown name of a variable raises."""
        own = self._own(language, name, "telegram", data)
        return _tidy(self._render(self._html, language, name, data) if own is None else own)

    def sms(self, language: str | None, name: str, /, **data: Any) -> str:
        """Plain text without escaping and without no-break spaces, of which one would double the price."""
        own = self._own(language, name, "sms", data)
        return _plain(self._render(self._plain, language, name, data) if own is None else own)

    def preview(self, told: Told, channel: str, language: str, body: str | None, data: dict[str, Any]) -> str:
        """What a customer would be sent, by a text that is not saved, or by the file's."""
        name = f"{CHANNELS[channel]}/{told.key}"
        if body is None:
            environments = self._html if channel == "telegram" else self._plain
            text = self._render(environments, language, name, data)
        else:
            text = self.own.try_out(told, channel, language, body, self._with_now(data))
        return _tidy(text) if channel == "telegram" else _plain(text)

    def label(self, language: str | None, key: str, /, **values: Any) -> str:
        """A button's word by its dotted key, e.g. ``menu.card``; raises KeyError for an unknown one."""
        word = self._words[self.language(language)][key]
        if not isinstance(word, str):
            raise KeyError(key)
        return word.format(**values)

    def labels(self, key: str) -> set[str]:
        """The word in every language, to recognise a menu press whatever language it was shown in."""
        return {self.label(language, key) for language in self._words}

    def formats(self, language: str | None) -> Formats:
        """The formats of HTML messages, for what goes into a button's label."""
        return self._formats[self.language(language)]

    def _render(
        self, environments: Mapping[str, Environment], language: str | None, name: str, data: dict[str, Any]
    ) -> str:
        template = environments[self.language(language)].get_template(f"{name}.j2")
        return template.render(self._with_now(data))

    def _own(self, language: str | None, name: str, channel: str, data: dict[str, Any]) -> str | None:
        """The merchant's own text of a message, where there is one."""
        if not self.own.bodies:
            return None
        return self.own.render(name, self.language(language), channel, self._with_now(data))

    def _with_now(self, data: dict[str, Any]) -> dict[str, Any]:
        return data if self._clock is None else {"now": self._clock.now()} | data

    def _environment(self, folder: Path, language: str, formats: Formats) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=not formats.plain,  # noqa: S701 - escaping would spoil the plain text of an SMS
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.filters.update(_filters(formats))
        # The name of an offer is in the language of whoever made it.
        discount = frozenset(
            word for words in self._words.values() for word in str(words.get("discount.words", "")).split()
        )
        environment.globals.update(label=partial(self.label, language), says_more=partial(says_more, discount))
        return environment


def read_labels(path: Path) -> Words:
    """The words of a labels file by dotted key; a list holds a word's plural forms."""
    return dict(_flatten(tomllib.loads(path.read_text("utf-8"))))


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str | list[str]]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _filters(formats: Formats) -> dict[str, Callable[..., Any]]:
    return formats.filters() | _dates(formats)


def _dates(formats: Formats) -> dict[str, Any]:
    """The filters that look at ``now`` in the template's data."""

    @pass_context
    def day(context: Context, at: date, tz: str | None = None) -> str:
        return formats.day(at, tz, context.get("now"))

    @pass_context
    def moment(context: Context, at: datetime, tz: str) -> str:
        return formats.moment(at, tz, context.get("now"))

    return {"date": day, "datetime": moment}


def _plain(text: str) -> str:
    return _SPACE_RUN.sub(" ", plain_spaces(_tidy(text)))


def _tidy(text: str) -> str:
    return _BLANK_LINES.sub("\n\n", _TRAILING.sub("", text)).strip()
