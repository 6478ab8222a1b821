"""Which messages the merchant may word, and which fields each may name: ``templates/fields.toml`` as values."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

FIELDS, STARTS = "fields.toml", "starts.toml"
CHANNELS = {"telegram": "notice", "sms": "sms"}
"""The folder of a channel's texts."""
_VARIABLE = re.compile(r"[a-z_]+")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its name in the code, the Jinja expression, the words that people write in braces.

    ``always``: its line is shown also when it is zero.
    """

    name: str
    expression: str
    words: Mapping[str, str]
    always: bool

    @property
    def variable(self) -> str:
        """What decides whether the field is empty."""
        found = _VARIABLE.search(self.expression)
        if found is None:
            raise ValueError(f"no variable in the field {self.name}")
        return found[0]

    @property
    def variables(self) -> frozenset[str]:
        """All that the expression needs: ``activates_at|datetime(time_zone)`` needs two."""
        zone = {"time_zone"} if "time_zone" in self.expression else set()
        return frozenset({self.variable} | zone)


@dataclass(frozen=True, slots=True)
class Told:
    """A message whose words are the merchant's to choose. ``own`` are its fields, ``common`` the customer's.

    ``more`` are variables that no field stands for: conditions may ask for them.
    """

    key: str
    group: str
    topic: str
    channels: tuple[str, ...]
    own: tuple[Field, ...]
    common: tuple[Field, ...]
    must: frozenset[str]
    sample: Mapping[str, Any]
    more: frozenset[str]

    @property
    def fields(self) -> tuple[Field, ...]:
        return (*self.own, *self.common)

    @property
    def variables(self) -> frozenset[str]:
        return frozenset(name for each in self.fields for name in each.variables) | self.more

    def by_variable(self, name: str) -> Field | None:
        """The one field that a bare variable or a field's own name stands for."""
        named = [each for each in self.fields if name == each.name] or [
            each for each in self.fields if name == each.variable
        ]
        return named[0] if len(named) == 1 else None

    def field(self, word: str) -> Field | None:
        """The field that somebody means by a word in any language, whatever its case."""
        wanted = tidy_word(word)
        spoken = (each for each in self.fields if wanted in each.words.values())
        return next(spoken, None) or next((each for each in self.fields if wanted == each.name), None)


@dataclass(frozen=True)
class Catalogue:
    """All messages that can be worded, by key, and an example of every variable: ``sample_in`` has those that are
    other words in a language.

    ``starts`` are the texts to begin with, in the simple form: by language, channel and key.
    """

    messages: Mapping[str, Told]
    sample: Mapping[str, Any]
    sample_in: Mapping[str, Mapping[str, Any]]
    starts: Mapping[str, Mapping[str, Mapping[str, str]]]

    @cached_property
    def groups(self) -> Mapping[str, tuple[Told, ...]]:
        """Messages by group, in the order of the file; those of no group have screens of their own."""
        names = dict.fromkeys(each.group for each in self.messages.values() if each.group)
        return {
            name: tuple(each for each in self.messages.values() if each.group == name and each.channels)
            for name in names
        }

    def of_template(self, template: str) -> Told | None:
        """The message of a template's name: ``notice/receipt``."""
        folder, _, key = template.partition("/")
        return self.messages.get(key) if folder in CHANNELS.values() else None


def tidy_word(word: str) -> str:
    """A field's word as it is compared: lower case, single spaces, ё as е."""
    return _SPACES.sub(" ", word).strip().casefold().replace("ё", "е")


def read_catalogue(root: Path, words: Mapping[str, Mapping[str, Any]]) -> Catalogue:
    """Read ``fields.toml``; ``words`` are the labels of each language. A message's channels are its templates."""
    path = root / FIELDS
    if not path.exists():
        return Catalogue({}, {}, {}, {})
    table = tomllib.loads(path.read_text("utf-8"))
    always = set(table["always"]["fields"])
    fields = {
        name: Field(
            name,
            expression,
            {language: tidy_word(str(labels[f"field.{name}"])) for language, labels in words.items()},
            name in always,
        )
        for name, expression in table["fields"].items()
    }
    common = tuple(fields[name] for name in table["common"]["fields"])
    home = root / next(iter(words))

    def told(key: str, row: Mapping[str, Any]) -> Told:
        own = tuple(
            replace(fields[name], always=fields[name].always or name in row.get("always", ()))
            for name in row["fields"]
        )
        taken = {each.name for each in own} | {each.variable for each in own}
        others = tuple(each for each in common if each.name not in taken and each.variable not in taken)
        channels = tuple(name for name, folder in CHANNELS.items() if (home / folder / f"{key}.j2").exists())
        shared = others if row.get("common", True) else ()
        must, sample = frozenset(row.get("must", ())), row.get("sample", {})
        more = frozenset(row.get("more", ()))
        return Told(key, row["group"], row["topic"], channels, own, shared, must, sample, more)

    sample = {name: _moment(name, value) for name, value in table["sample"].items()}
    starts = {language: tomllib.loads((root / language / STARTS).read_text("utf-8")) for language in words}
    messages = {key: told(key, row) for key, row in table["messages"].items()}
    return Catalogue(messages, sample, table["sample_in"], starts)


def _moment(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name.endswith("_at") else value
