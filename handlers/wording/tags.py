"""Telegram's HTML in a text that somebody wrote: which tags there are, and whether each is closed. Pure."""

import re
from collections.abc import Iterator
from html import unescape

INLINE = frozenset({"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "a", "tg-spoiler", "span"})
BLOCK = frozenset({"pre", "blockquote"})
KNOWN = INLINE | BLOCK

_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-z][a-z-]*)(?P<rest>[^<>]*)>")
_EMOJI = re.compile(r"</?tg-emoji[^>]*>")
_TYPED = re.compile(r"&lt;(/?(?:" + "|".join(sorted(KNOWN, key=len, reverse=True)) + r")(?:\s[^<>]*?)?)&gt;")
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_SPLIT_FIELD = re.compile(r"\{(?P<before>(?:<[^<>]+>)*)(?P<word>[^{}<>%]+)(?P<after>(?:<[^<>]+>)*)\}")
_SAFE_REST = re.compile(r'|\s+href="[^"<>]*"|\s+class="(?:tg-spoiler|language-[\w-]+)"|\s+expandable')


def from_telegram(html: str) -> str:
    """A message's text as aiogram gives it, ready to be checked.

    Tags that were typed as letters count as tags, Jinja's blocks are as they were typed, a field's braces lie
    within the formatting of its word, and custom emoji (which bots can't send) are plain ones.
    """
    html = _EMOJI.sub("", html)
    html = _TYPED.sub(lambda found: f"<{unescape(found[1])}>", html)
    html = _SPLIT_FIELD.sub(lambda found: f"{found['before']}{{{found['word']}}}{found['after']}", html)
    return _JINJA.sub(lambda found: unescape(found[0]), html)


def troubles(html: str) -> Iterator[tuple[str, str]]:
    """What is wrong with the tags, as (what, tag): unknown, unopened, unclosed."""
    stack: list[str] = []
    for found in _TAG.finditer(html):
        name = found["name"]
        if name not in KNOWN or not _SAFE_REST.fullmatch(found["rest"] or ""):
            yield "tag_unknown", found[0][:32]
        elif not found["end"]:
            stack.append(name)
        elif stack and stack[-1] == name:
            stack.pop()
        else:
            yield "tag_unopened", name
            return
    for name in stack:
        yield "tag_unclosed", name


def is_balanced(html: str) -> bool:
    return not any(True for _ in troubles(html))


def by_line(html: str) -> str:
    """Formatting that runs over several lines, ended and begun anew at each of their ends.

    So that any line can be left out by itself. Quotes and code blocks stay whole.
    """
    open_tags: list[tuple[str, str]] = []
    lines = []
    for line in html.split("\n"):
        begun = "".join(tag for _, tag in open_tags)
        for found in _TAG.finditer(line):
            if found["name"] not in INLINE:
                continue
            if not found["end"]:
                open_tags.append((found["name"], found[0]))
            elif open_tags:
                open_tags.pop()
        ended = "".join(f"</{name}>" for name, _ in reversed(open_tags))
        lines.append(f"{begun}{line}{ended}" if line.strip() else line)
    return "\n".join(lines)
