"""The merchant's own texts: checked before they are saved, kept by every process, rendered in a sandbox."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from re import sub
from typing import Any

import structlog
from jinja2 import Template, TemplateError, nodes

from core.domain.campaigns import SMS_LENGTH
from handlers.wording import sandbox
from handlers.wording.catalogue import CHANNELS, Catalogue, Told
from handlers.wording.simple import translate
from handlers.wording.tags import by_line, is_balanced, troubles

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

SOURCE_LENGTH = {"telegram": 3500, "sms": 600}
"""The longest text that can be saved, in characters as they are typed."""
LONGEST = {"telegram": 4096, "sms": SMS_LENGTH}
"""The longest that is sent, in UTF-16 units: what Telegram takes, and the gateways with the line under an SMS."""
TELEGRAM_LENGTH = 3500
"""The longest with the example's data: room is left for longer names."""
_KEPT = 512
_KEPT_WHEN_EMPTY = frozenset({"time_zone"})

Filters = Mapping[str, Callable[..., Any]]
Key = tuple[str, str, str]
"""Template, language, channel."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text can't be saved: ``what`` names the sentence, ``word`` what is meant, ``hint`` a way on."""

    what: str
    word: str = ""
    hint: str = ""


class Unfit(Exception):
    """A rendered text that can't be sent: empty, or too long."""


@dataclass
class OwnTexts:
    """Renders the texts of ``bodies``; ``filters`` gives (for HTML, for SMS) by language.

    ``broken`` collects the texts that failed at rendering, until somebody takes them to tell the owner.
    """

    catalogue: Catalogue
    filters: Mapping[str, tuple[Filters, Filters]]
    version: int = -1
    bodies: Mapping[Key, str] = field(default_factory=dict)
    broken: list[Key] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._environments = {
            (language, channel): sandbox.build_environment(filters[channel == "sms"], plain=channel == "sms")
            for language, filters in self.filters.items()
            for channel in CHANNELS
        }
        self._compiled: OrderedDict[tuple[str, str, str, str, bool], Template] = OrderedDict()

    def renew(self, version: int, bodies: Mapping[Key, str]) -> None:
        """Take over the texts in force as of a version."""
        self.version, self.bodies = version, dict(bodies)

    def has(self, template: str, language: str, channel: str) -> bool:
        return (template, language, channel) in self.bodies

    def render(self, template: str, language: str, channel: str, data: Mapping[str, Any]) -> str | None:
        """The merchant's text of a message; None where there is none, or where it failed, which is noted."""
        key = (template, language, channel)
        body = self.bodies.get(key)
        told = self.catalogue.of_template(template)
        if body is None or told is None:
            return None
        try:
            return self.try_out(told, channel, language, body, data)
        except (TemplateError, Unfit, TypeError, ValueError, ArithmeticError, LookupError) as error:
            # Data has a form that nobody foresaw. The file's text goes instead, so that nothing is lost.
            log.error("own_text_failed", template=template, language=language, error=type(error).__name__)
            if key not in self.broken:
                self.broken.append(key)
            return None

    def take_broken(self) -> list[Key]:
        """Texts that failed since the last call."""
        found, self.broken = self.broken, []
        return found

    def try_out(self, told: Told, channel: str, language: str, body: str, data: Mapping[str, Any]) -> str:
        """Render a text with data. Raises Unfit, and what Jinja raises."""
        nameless = not (data.get("first_name") or data.get("name"))
        compiled = self._compile(told, channel, language, body, nameless=nameless)
        text = compiled.render(dict.fromkeys(told.variables) | dict(data)).strip()
        length = _length(text, channel)
        if length == 0 or length > LONGEST[channel]:
            raise Unfit
        return text

    def start(self, told: Told, channel: str, language: str) -> str:
        """The text that somebody begins with who changes a message for the first time."""
        return self.catalogue.starts[language][channel][told.key].strip()

    def check(self, told: Told, channel: str, language: str, body: str) -> tuple[Problem, ...]:
        """Everything that keeps a text from being saved, in the words' language."""
        if not body.strip():
            return (Problem("empty"),)
        if len(body) > SOURCE_LENGTH[channel]:
            return (Problem("source_long", str(len(body)), str(SOURCE_LENGTH[channel])),)
        written = translate(_lined(body, channel), told, language)
        found = [Problem("unknown", "{" + word + "}", hint or "") for word, hint in dict.fromkeys(written.unknown)]
        if written.stray:
            found.append(Problem("brace"))
        if channel == "telegram":
            found += [Problem(what, tag) for what, tag in troubles(body)]
        if not found:
            found += self._check_source(told, channel, language, written.source)
        return tuple(found or self._check_rendered(told, channel, language, body))

    def _check_source(self, told: Told, channel: str, language: str, source: str) -> Iterator[Problem]:
        environment = self._environments[language, channel]
        tree = sandbox.parse(environment, source)
        if isinstance(tree, sandbox.Fault):
            yield Problem(tree.what, tree.word)
            return
        faults = dict.fromkeys(sandbox.faults(environment, tree, told.variables))
        told_of = [each for each in faults if each.what != "torn" or channel == "telegram"]
        yield from (Problem(each.what, each.word) for each in told_of)
        if not told_of:
            yield from self._check_must(environment, tree, told, language)

    def _check_must(self, environment: Any, tree: nodes.Template, told: Told, language: str) -> Iterator[Problem]:
        for each in told.own:
            said = (each.expression, each.variable)
            if each.name in told.must and not sandbox.says_surely(environment, tree, said):
                yield Problem("must", each.words[language])

    def _check_rendered(self, told: Told, channel: str, language: str, body: str) -> Iterator[Problem]:
        """With everything there is, and with the least that there can be."""
        full, always = self.sample(told, language), self._always(told)
        nothing = {name: 0 if isinstance(value, int) else None for name, value in full.items()}
        least = nothing | {name: value for name, value in full.items() if name in always}
        for data in (full, least):
            try:
                nameless = data is least
                compiled = self._compile(told, channel, language, body, nameless=nameless)
                text = compiled.render(dict.fromkeys(told.variables) | data)
            except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError):
                yield Problem("fails")
                return
            length = _length(text.strip(), channel)
            most = min(TELEGRAM_LENGTH, LONGEST[channel])
            if length == 0:
                yield Problem("maybe_empty")
                return
            if length > most:
                yield Problem("long", str(length), str(most))
                return
            if channel == "telegram" and not is_balanced(text):
                yield Problem("torn")
                return

    def sample(self, told: Told, language: str) -> dict[str, Any]:
        """An example of everything that the message may say, in a language's words."""
        known = {**self.catalogue.sample, **self.catalogue.sample_in.get(language, {}), **told.sample}
        return {name: known[name] for name in told.variables}

    def _always(self, told: Told) -> frozenset[str]:
        always = (name for each in told.fields if each.always for name in each.variables)
        return frozenset(always) | _KEPT_WHEN_EMPTY

    def _compile(self, told: Told, channel: str, language: str, body: str, *, nameless: bool) -> Template:
        key = (told.key, channel, language, body, nameless)
        compiled = self._compiled.get(key)
        if compiled is None:
            environment = self._environments[language, channel]
            source = translate(_lined(body, channel), told, language, nameless=nameless).source
            tree = sandbox.parse(environment, source)
            # What was saved was checked; the check is made anew, as the release or the table may be another one.
            if isinstance(tree, sandbox.Fault) or any(
                True for _ in sandbox.faults(environment, tree, told.variables)
            ):
                raise Unfit
            compiled = environment.from_string(source)
            self._compiled[key] = compiled
            while len(self._compiled) > _KEPT:
                self._compiled.popitem(last=False)
        return compiled


def _lined(body: str, channel: str) -> str:
    return by_line(body) if channel == "telegram" else body


def _length(text: str, channel: str) -> int:
    """UTF-16 units that are seen, as Telegram counts them: without the tags."""
    seen = unescape(sub(r"<[^<>]*>", "", text)) if channel == "telegram" else text
    return len(seen.strip().encode("utf-16-le", "surrogatepass")) // 2
