"""Text with entities as HTML that a page may insert as it is: everything is escaped, only known tags are made."""

import itertools
from html import escape

from simulator.people import Json

_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
}
_LINKS = ("http://", "https://", "tg://", "mailto:", "tel:")


def to_safe_html(text: str, entities: list[Json]) -> str:
    """HTML of the text; line breaks stay \\n. Entities that overlap without nesting are closed and reopened."""
    units = text.encode("utf-16-le")
    cuts = {0, len(units) // 2}
    for entity in entities:
        cuts |= {entity["offset"], entity["offset"] + entity["length"]}
    ordered = sorted(cuts)
    open_now: list[Json] = []
    made: list[str] = []
    for start, stop in itertools.pairwise(ordered):
        covering = [entity for entity in entities if _covers(entity, start, stop)]
        covering.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        common = 0
        while common < min(len(open_now), len(covering)) and open_now[common] is covering[common]:
            common += 1
        made += [_closing(entity) for entity in reversed(open_now[common:])]
        piece = units[start * 2 : stop * 2].decode("utf-16-le", "replace")
        made += [_opening(entity, units) for entity in covering[common:]]
        made.append(escape(piece))
        open_now = covering
    made += [_closing(entity) for entity in reversed(open_now)]
    return "".join(made)


def _covers(entity: Json, start: int, stop: int) -> bool:
    return bool(entity["offset"] <= start and stop <= entity["offset"] + entity["length"])


def _opening(entity: Json, units: bytes) -> str:
    kind = entity["type"]
    if kind in _TAGS:
        return f"<{_TAGS[kind]}>"
    if kind in ("text_link", "url", "email"):
        start, stop = entity["offset"] * 2, (entity["offset"] + entity["length"]) * 2
        return _anchor(kind, entity.get("url") or units[start:stop].decode("utf-16-le", "replace"))
    if kind in ("blockquote", "expandable_blockquote"):
        return "<blockquote>"
    return f'<span class="{escape(kind)}">'


def _anchor(kind: str, address: str) -> str:
    if kind == "email":
        address = f"mailto:{address}"
    elif kind == "url" and "://" not in address:
        address = f"https://{address}"
    if not address.lower().startswith(_LINKS):
        return "<a>"
    return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">'


def _closing(entity: Json) -> str:
    kind = entity["type"]
    if kind in _TAGS:
        return f"</{_TAGS[kind]}>"
    if kind in ("text_link", "url", "email"):
        return "</a>"
    if kind in ("blockquote", "expandable_blockquote"):
        return "</blockquote>"
    return "</span>"
