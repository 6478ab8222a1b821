"""Entities are the Bot API's dictionaries: type, offset and length in UTF-16 code units, and their extras."""

import re

from simulator.errors import bad_request
from simulator.people import Json

_COMMAND = r"(?<![\w/@#<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z]\w{2,31})?(?![\w/])"
_FOUND = (
    ("url", re.compile(r"(?:https?://|(?<![\w.@/])t\.me/)[^\s<>\"]*[^\s<>\".,;:!?()«»]")),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("bot_command", re.compile(_COMMAND)),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z]\w{2,31}\b")),
    ("hashtag", re.compile(r"(?<![\w#])#\w*[^\W\d]\w*")),
    ("phone_number", re.compile(r"(?<![\w+])\+\d{11,15}(?!\d)")),
)
_OPAQUE = {"code", "pre"}


def utf16_length(text: str) -> int:
    """Length as Telegram counts it: UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def clean(text: str) -> str:
    """What Telegram makes of control characters before anything else: CR vanishes, the others become spaces.

    Raises ApiError 400 for surrogates that stand alone.
    """
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise bad_request("strings must be encoded in UTF-8")
    return "".join(
        character if character >= " " or character == "\n" else " " for character in text.replace("\r", "")
    )


def fix(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Trim the text, fit the entities into it, and add those that Telegram finds by itself (links, commands…)."""
    left = utf16_length(text) - utf16_length(text.lstrip())
    trimmed = text.strip()
    end = utf16_length(trimmed)
    fitted = [piece for entity in entities if (piece := _shift(entity, left, end))]
    fitted = [entity for entity in fitted if not _is_inside_code(entity, fitted)]
    return trimmed, _in_order(fitted + _find(trimmed, fitted))


def _shift(entity: Json, left: int, end: int) -> Json | None:
    start = max(entity["offset"] - left, 0)
    stop = min(entity["offset"] - left + entity["length"], end)
    return entity | {"offset": start, "length": stop - start} if stop > start else None


def _is_inside_code(entity: Json, entities: list[Json]) -> bool:
    if entity["type"] in _OPAQUE:
        return False
    return any(other["type"] in _OPAQUE and _overlap(entity, other) for other in entities)


def _find(text: str, taken: list[Json]) -> list[Json]:
    found: list[Json] = []
    busy = [entity for entity in taken if entity["type"] in _OPAQUE | {"text_link", "text_mention"}]
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            entity = {
                "type": kind,
                "offset": utf16_length(text[: match.start()]),
                "length": utf16_length(match.group()),
            }
            if not any(_overlap(entity, other) for other in busy + found):
                found.append(entity)
    return found


def _overlap(one: Json, other: Json) -> bool:
    return bool(
        one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"]
    )


def _in_order(entities: list[Json]) -> list[Json]:
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
