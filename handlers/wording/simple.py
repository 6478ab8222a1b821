"""From what people write to Jinja: ``{имя}`` stands for a field, and a line of empty fields is left out. Pure."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from handlers.wording.catalogue import Field, Told, tidy_word

# Jinja's own blocks are tried first, so that braces within them are never taken for a field's.
_PIECE = re.compile(
    r"(?P<jinja>\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})|\{(?P<word>[^{}\n]{1,40})\}|(?P<brace>[{}])", re.DOTALL
)

_BARE = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")

PERSON = frozenset({"name", "first_name"})
"""Fields that never decide whether a line is shown: without a name the line goes on without it."""
_NAME = r"\{\{ (?:name|first_name) \}\}"
_AT_HEAD = re.compile(rf"^((?:<[^<>]+>|[^\w{{}}<>])*){_NAME}((?:</[^<>]+>)*)[,!]?[ \u00a0]*(\w?)")
_BEHIND = re.compile(rf"[ \u00a0]*[,—–-]?[ \u00a0]*{_NAME}")


@dataclass(frozen=True, slots=True)
class Translated:
    """The Jinja source, and what could not be understood: (word, the nearest field's word or None)."""

    source: str
    unknown: tuple[tuple[str, str | None], ...]
    stray: bool


def translate(body: str, told: Told, language: str, *, nameless: bool = False) -> Translated:
    """Put expressions in place of fields, ``{{ balance }}`` among them.

    A line with Jinja blocks of its own is left as it was written. ``nameless``: for whoever's name is not known,
    «Анна, давно вас не видели!» becomes «Давно вас не видели!».

    ``stray``: a brace stands alone.
    """
    unknown: list[tuple[str, str | None]] = []
    stray = False
    lines = []
    for line in _lines(body):
        named: list[Field | None] = []

        def put(found: re.Match[str], named: list[Field | None] = named) -> str:
            nonlocal stray
            if found["brace"]:
                stray = True
                return found[0]
            field = _meant(found, told)
            if field is None and found["word"]:
                unknown.append((found["word"], nearest(found["word"], told.fields, language)))
                return ""
            named.append(field)
            return found[0] if field is None else expression(field)

        written = _PIECE.sub(put, line)
        lines.append(_unless_empty(_without_name(written) if nameless else written, named))
    return Translated("".join(lines), tuple(unknown), stray)


def _meant(found: re.Match[str], told: Told) -> Field | None:
    if found["word"]:
        return told.field(found["word"])
    bare = _BARE.fullmatch(found[0])
    return told.by_variable(bare[1]) if bare else None


def expression(field: Field) -> str:
    """A field as Jinja; one that is not there says nothing."""
    if field.always or field.name in PERSON:
        return "{{ " + field.expression + " }}"
    return "{{ " + f"{field.expression} if {field.variable} is not none else ''" + " }}"


def _unless_empty(line: str, named: Sequence[Field | None]) -> str:
    """The line with its condition; None stands for Jinja of the writer's own, which is left alone."""
    fields = [each for each in named if each is None or each.name not in PERSON]
    optional = [each for each in fields if each is not None and not each.always]
    if not optional or len(optional) < len(fields):
        return line
    anything = " or ".join(dict.fromkeys(each.variable for each in optional))
    return "{%+ if " + anything + " +%}" + line + "{%+ endif +%}"


def _without_name(line: str) -> str:
    """A line that does without the reader's name; ahead of it may stand tags and emoji."""
    line = _AT_HEAD.sub(lambda found: f"{found[1]}{found[2]}{found[3].upper()}", line)
    return _BEHIND.sub("", line)


def _lines(body: str) -> list[str]:
    """Lines with their ends; a Jinja block that runs over several stays in one."""
    lines: list[str] = []
    for line in body.splitlines(keepends=True):
        if lines and lines[-1].rfind("{%") > lines[-1].rfind("%}"):
            lines[-1] += line
        else:
            lines.append(line)
    return lines


def nearest(word: str, fields: Sequence[Field], language: str) -> str | None:
    """The word of the field that was probably meant."""
    words = {spoken: each for each in fields for spoken in (*each.words.values(), each.name)}
    found = difflib.get_close_matches(tidy_word(word), words, n=1, cutoff=0.6)
    return words[found[0]].words[language] if found else None
