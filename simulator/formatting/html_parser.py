"""Telegram's HTML dialect, read byte by byte so that the byte offsets in its complaints are the real ones."""

import re
from dataclasses import dataclass, field

from simulator.people import Json

from .entities import utf16_length
from .html_pieces import REFERENCE, decode, decode_all, join_code_into_pre, link, wrong

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
_SPACE = frozenset(b" \t\r\n\v\0")
_NAME_TOKEN = re.compile(rb"[A-Za-z0-9.-]*")


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Text and entities of a source in HTML. Raises ApiError 400 "can't parse entities: …" as the real server."""
    return _Parser(source).parse()


@dataclass
class _OpenTag:
    name: str
    offset: int
    text_at: int
    argument: str = ""


@dataclass
class _Parser:
    source: str
    data: bytes = b""
    at: int = 0
    pieces: list[str] = field(default_factory=list)
    offset: int = 0
    stack: list[_OpenTag] = field(default_factory=list)
    entities: list[tuple[int, Json]] = field(default_factory=list)
    opened: int = 0

    def parse(self) -> tuple[str, list[Json]]:
        self.data = self.source.encode("utf-8", "replace") + b"\0"
        end = len(self.data) - 1
        while self.at < end:
            if self.data[self.at] != ord("<"):
                self._text()
            elif self.data[self.at + 1] == ord("/"):
                self._end_tag()
            else:
                self._start_tag()
        if self.stack:
            raise wrong(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].name}"')
        text = "".join(self.pieces)
        ordered = sorted(self.entities, key=lambda item: (item[1]["offset"], -item[1]["length"], item[0]))
        return text, join_code_into_pre([entity for _, entity in ordered])

    def _text(self) -> None:
        if self.data[self.at] == ord("&") and (reference := REFERENCE.match(self.data, self.at)):
            character = decode(reference)
            if character is not None:
                self._put(character)
                self.at = reference.end()
                return
        stop = self.at + 1
        while self.data[stop] not in b"<&\0":
            stop += 1
        self._put(self.data[self.at : stop].decode())
        self.at = stop

    def _put(self, text: str) -> None:
        self.pieces.append(text)
        self.offset += utf16_length(text)

    def _skip_space(self) -> None:
        while self.data[self.at] and self.data[self.at] in _SPACE:
            self.at += 1

    def _until(self, stops: bytes) -> bytes:
        begin = self.at
        while self.data[self.at] not in _SPACE and self.data[self.at] not in stops:
            self.at += 1
        return self.data[begin : self.at]

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        name = self._until(b">").decode().lower()
        if not self.data[self.at]:
            raise wrong(f"Unclosed start tag at byte offset {begin}")
        if name not in _TYPES:
            raise wrong(f'Unsupported start tag "{name}" at byte offset {begin}')
        tag = _OpenTag(name, self.offset, len(self.pieces))
        while True:
            self._skip_space()
            if self.data[self.at] == ord(">"):
                break
            self._attribute(tag, begin)
        self.at += 1
        if name == "span" and tag.argument != "spoiler":
            raise wrong(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.stack.append(tag)

    def _attribute(self, tag: _OpenTag, begin: int) -> None:
        attribute = self._until(b"=>").decode()
        if not attribute and self.data[self.at]:
            raise wrong(f'Empty attribute name in the tag "{tag.name}" at byte offset {begin}')
        self._skip_space()
        if self.data[self.at] != ord("="):
            if (tag.name, attribute) == ("blockquote", "expandable"):
                tag.argument = "expandable"
                return
            if not self.data[self.at]:
                raise wrong(f"Unclosed start tag at byte offset {begin}")
            raise wrong(
                f'Expected equal sign in declaration of an attribute of the tag "{tag.name}" '
                f"at byte offset {begin}"
            )
        self.at += 1
        self._skip_space()
        if not self.data[self.at]:
            raise wrong(f'Unclosed start tag "{tag.name}" at byte offset {begin}')
        value = self._quoted() if self.data[self.at] in b"'\"" else self._name_token()
        if not self.data[self.at]:
            raise wrong(f"Unclosed start tag at byte offset {begin}")
        _keep_attribute(tag, attribute, value)

    def _name_token(self) -> str:
        begin = self.at
        match = _NAME_TOKEN.match(self.data, begin)
        assert match is not None
        self.at = match.end()
        if self.data[self.at] not in _SPACE and self.data[self.at] != ord(">"):
            raise wrong(f"Unexpected end of name token at byte offset {begin}")
        return match.group().decode().lower()

    def _quoted(self) -> str:
        quote = self.data[self.at]
        stop = self.at + 1
        while self.data[stop] not in (quote, 0):
            stop += 1
        raw = self.data[self.at + 1 : stop]
        self.at = stop + (self.data[stop] == quote)
        return decode_all(raw)

    def _end_tag(self) -> None:
        begin = self.at
        if not self.stack:
            raise wrong(f"Unexpected end tag at byte offset {begin}")
        self.at += 2
        name = self._until(b">").decode()
        self._skip_space()
        if self.data[self.at] != ord(">"):
            raise wrong(f"Unclosed end tag at byte offset {begin}")
        tag = self.stack.pop()
        if name and name != tag.name:
            raise wrong(f'Unmatched end tag at byte offset {begin}, expected "</{tag.name}>", found "</{name}>"')
        self.at += 1
        self._close(tag)

    def _close(self, tag: _OpenTag) -> None:
        length = self.offset - tag.offset
        entity: Json = {"type": _TYPES[tag.name], "offset": tag.offset, "length": length}
        if tag.name == "a":
            address = link(tag.argument.strip() or "".join(self.pieces[tag.text_at :]))
            if address is None:
                return
            entity["url"] = address
        elif tag.name == "tg-emoji":
            if not tag.argument.isdigit():
                raise wrong("Invalid custom emoji identifier specified")
            entity["custom_emoji_id"] = tag.argument
        elif tag.argument == "expandable":
            entity["type"] = "expandable_blockquote"
        elif tag.name == "code" and tag.argument:
            entity["language"] = tag.argument
        if length:
            self.entities.append((len(self.stack), entity))


def _keep_attribute(tag: _OpenTag, attribute: str, value: str) -> None:
    match tag.name, attribute:
        case ("a", "href") | ("tg-emoji", "emoji-id"):
            tag.argument = value
        case "code", "class" if value.startswith("language-"):
            tag.argument = value.removeprefix("language-")
        case "span", "class" if value.startswith("tg-"):
            tag.argument = value.removeprefix("tg-")
        case "blockquote", "expandable":
            tag.argument = "expandable"
