"""The small parts of Telegram's HTML: character references, links, and code inside pre."""

import re

from simulator.errors import ApiError, bad_request
from simulator.people import Json

REFERENCE = re.compile(rb"&(?:#(\d{1,8})|#[xX]([0-9a-fA-F]{1,8})|(lt|gt|amp|quot));?")
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_BARE_LINK = re.compile(r"(?:[a-z]+://)?[^\s/?#]+\.[^\s]+", re.IGNORECASE)


def wrong(words: str) -> ApiError:
    """The refusal of a text whose formatting can't be read."""
    return bad_request(f"can't parse entities: {words}")


def decode(reference: re.Match[bytes]) -> str | None:
    """The character that a reference stands for; None where it stands for none and is left as it is."""
    decimal, hexadecimal, name = reference.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    if not 0 < code <= 0x10FFFF:
        return None
    if 0xD800 <= code <= 0xDFFF:
        raise wrong(
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units"
        )
    return chr(code)


def decode_all(raw: bytes) -> str:
    """The text with its character references decoded."""

    def put(reference: re.Match[bytes]) -> bytes:
        character = decode(reference)
        return reference.group() if character is None else character.encode()

    return REFERENCE.sub(put, raw).decode()


def link(address: str) -> str | None:
    """The address as the server keeps it, None where it is no link (the text then stays plain)."""
    if address.startswith(("tg://", "mailto:", "tel:")):
        return address
    if not _BARE_LINK.fullmatch(address):
        return None
    full = address if "://" in address else f"http://{address}"
    host_end = re.match(r"[a-z]+://[^/?#]*", full, re.IGNORECASE)
    assert host_end is not None
    rest = full[host_end.end() :]
    return host_end.group() + (rest if rest.startswith("/") else f"/{rest}")


def join_code_into_pre(entities: list[Json]) -> list[Json]:
    """<pre><code class="language-x"> is one entity: a pre with its language."""
    joined: list[Json] = []
    for entity in entities:
        before = joined[-1] if joined else None
        if (
            before is not None
            and {before["type"], entity["type"]} == {"code", "pre"}
            and (before["offset"], before["length"]) == (entity["offset"], entity["length"])
            and (language := before.get("language") or entity.get("language"))
        ):
            joined[-1] = {key: before[key] for key in ("offset", "length")} | {"type": "pre", "language": language}
        else:
            joined.append(entity)
    return [
        {key: value for key, value in entity.items() if key != "language" or entity["type"] == "pre"}
        for entity in joined
    ]
